#pragma once

#include "upstream/stateless/subscription.hpp"

#include <optional>
#include <string>

namespace gw::upstream {

// The params of the request, and what an acknowledgement honours of it.
std::string to_json(const SubscriptionFilter& filter);
SubscriptionFilter parse_filter(std::string_view notifications);

// One request for notifications, from its begin to its end.
struct Subscription::Stream final : mcp::Exchange {
    Stream(SubscriptionFilter filter, std::uint64_t number, mcp::Exchange& to, async::Event& tells)
        : asked(std::move(filter)), version(number), outside(to), news(tells) {}

    Task<Result<void>> notify(mcp::Notification notification) override;
    Task<Result<mcp::Answer>> ask(mcp::ServerRequest request) override;
    void set_withdrawable(mcp::Withdrawable* of) override;

    // Ends it; it tells nothing any more.
    void give_up();

    const SubscriptionFilter asked;
    const std::uint64_t version;
    mcp::Exchange& outside;
    async::Event& news;  // It was acknowledged, or has ended.
    std::optional<SubscriptionFilter> honoured;
    std::optional<Error> end;  // Why it has ended.
    bool is_refused = false;   // The server does not have this.
    TimePoint opened_at;

private:
    mcp::Withdrawable* call_ = nullptr;
    bool is_given_up_ = false;
};

}  // namespace gw::upstream
