#pragma once

#include "async/event.hpp"
#include "async/gate.hpp"
#include "async/visitors.hpp"
#include "async/wheel.hpp"
#include "mcp/peer.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gw::upstream {

// What is to be heard of outside of calls, or what of that a server honours (MCP 2026-07-28,
// SubscriptionFilter).
struct SubscriptionFilter {
    bool tools = false;
    bool prompts = false;
    bool resources = false;
    std::set<std::string, std::less<>> uris;

    bool is_empty() const { return !tools && !prompts && !resources && uris.empty(); }

    bool operator==(const SubscriptionFilter&) const = default;
};

// Makes subscriptions/listen of a stateless server look like what a session has: lists whose
// changes are told, and resources that are subscribed to one by one. There is one such request at a
// time, for all of it. It is made anew when that changes: the old one is given up when the new one
// is acknowledged, so that nothing is missed; and after a pause when it broke off.
class Subscription {
public:
    static constexpr std::chrono::milliseconds changes_wait{300};
    static constexpr std::chrono::milliseconds retry_min{500};
    static constexpr std::chrono::milliseconds retry_max{60'000};
    static constexpr std::chrono::seconds acknowledge_max{10};

    // Makes the request. A port.
    class Source {
    public:
        // Gives `hearer` all that belongs to the request, until it ends or is withdrawn.
        virtual Task<Result<mcp::Answer>> listen(
            const mcp::Request& request, mcp::Exchange& hearer
        ) = 0;

    protected:
        ~Source() = default;
    };

    // All of these outlive it.
    Subscription(async::Loop& loop, async::Wheel& wheel, Source& source, mcp::Exchange& outside);

    // Hears of these changes from now on. Waits for that, but not for long.
    Task<> hear(SubscriptionFilter changes);

    // Answers resources/subscribe and resources/unsubscribe.
    Task<Result<mcp::Answer>> subscribe(const mcp::Request& request);
    Task<Result<mcp::Answer>> unsubscribe(const mcp::Request& request);

    // Ends the request, and what waits for it.
    Task<> close();

private:
    struct Stream;  // One request.

    void change();
    Task<Result<void>> wait_until_open(std::uint64_t version, TimePoint until);
    Task<> keep();
    bool is_done() const;
    Task<> open();
    Task<> pause();
    Task<> run(std::shared_ptr<Stream> stream);
    Task<> tell_what_was_missed();
    void wake();

    async::Loop& loop_;
    async::Wheel& wheel_;
    Source& source_;
    mcp::Exchange& outside_;
    async::Gate gate_;
    async::Visitors inside_;
    SubscriptionFilter wanted_;
    std::uint64_t version_ = 0;        // Of what is wanted.
    std::uint64_t tried_version_ = 0;  // The last that a request was made for.
    bool is_kept_ = false;             // keep() runs.
    bool was_lost_ = false;            // Something may have been missed.
    std::shared_ptr<Stream> stream_;   // The one that was acknowledged last, or null.
    std::optional<Error> failure_;     // Of tried_version_.
    bool is_refused_ = false;          // Trying again is of no use.
    TimePoint retry_at_;
    std::chrono::milliseconds retry_ = retry_min;
    async::Event news_;                   // For keep().
    std::vector<async::Event*> waiting_;  // For what keep() has done.
};

}  // namespace gw::upstream
