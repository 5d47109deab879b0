#pragma once

#include "upstream/stateless/subscription.hpp"

#include <optional>
#include <string>

namespace gw::upstream {

// One request for notifications, from its begin to its end. Shared by its subscription and the task
// that makes it; the subscription outlives it.
struct Subscription::Stream final : mcp::Exchange {
    // Asks for `what`, which is to be acknowledged until `patience`.
    Stream(SubscriptionFilter what, Subscription& of, TimePoint patience)
        : asked(std::move(what)),
          wanted(of.wanted_),
          until(patience),
          outside(of.outside_),
          news(of.news_) {}

    // Notes the acknowledgement; passes on what was asked for and is still wanted.
    Task<Result<void>> notify(mcp::Notification notification) override;
    Task<Result<mcp::Answer>> ask(mcp::ServerRequest request) override;
    void set_withdrawable(mcp::Withdrawable* of) override;

    // Withdraws the request. Nothing is told any more.
    void give_up();

    const SubscriptionFilter asked;
    const SubscriptionFilter& wanted;  // All that is wanted at the moment.
    const TimePoint until;             // To be acknowledged.
    mcp::Exchange& outside;
    async::Event& news;     // It was acknowledged, or has ended.
    Streams replaces;       // They are given up when this one is acknowledged.
    bool is_again = false;  // It asks for what another one has lost, or did not get.
    std::optional<SubscriptionFilter> honoured;  // By the acknowledgement, once it has come.
    std::optional<Error> end;                    // Why it has ended.
    bool is_refused = false;                     // By an answer of the server.
    bool is_final = false;                       // The server does not have this.
    bool is_open = false;                        // keep() has seen that it is acknowledged.
    TimePoint opened_at;

    // True after give_up().
    bool is_given_up() const { return is_given_up_; }

private:
    bool is_unwanted(std::string_view uri) const;

    mcp::Withdrawable* call_ = nullptr;
    bool is_given_up_ = false;
};

}  // namespace gw::upstream
