#pragma once

#include "async/event.hpp"
#include "async/gate.hpp"
#include "async/visitors.hpp"
#include "async/wheel.hpp"
#include "mcp/peer.hpp"
#include "upstream/stateless/subscription_filter.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

namespace gw::upstream {

// Makes subscriptions/listen of a stateless server look like what a session has: lists whose
// changes are told, and resources that are subscribed to one by one.
//
// Whatever comes to be wanted gets a request of its own, so that nobody waits for what the server
// makes of somebody else's wish; what is wanted at the same time shares one. When the server
// refuses such a request, its halves are tried: a resource that it does not know spoils no other.
// When there are many that it has acknowledged, or one of them tells more than is wanted, a new one
// takes their place; they are given up when that is acknowledged, so that nothing is missed. What
// breaks off is asked for again after a pause; when it is acknowledged again, `outside` is told of
// changes that may have been missed. A request of which nothing is wanted any more is withdrawn at
// once.
//
// It belongs to one link. close() is awaited before it is destroyed.
class Subscription {
public:
    static constexpr std::chrono::milliseconds changes_wait{300};  // Of hear().
    static constexpr std::chrono::milliseconds retry_min{500};     // The pause grows from it,
    static constexpr std::chrono::milliseconds retry_max{60'000};  // up to this.
    static constexpr std::chrono::seconds acknowledge_max{10};     // Of one request.
    static constexpr std::size_t apart_max = 4;     // Requests, before one takes their place.
    static constexpr std::size_t streams_max = 32;  // In all; what comes beyond that fails.

    // Makes the request. A port.
    class Source {
    public:
        // Makes the request, and gives `hearer` the notifications that belong to it. Returns when
        // it has ended or was withdrawn.
        virtual Task<Result<mcp::Answer>> listen(
            const mcp::Request& request, mcp::Exchange& hearer
        ) = 0;

    protected:
        ~Source() = default;
    };

    // All of these outlive it. What the server tells goes to `outside`.
    Subscription(async::Loop& loop, async::Wheel& wheel, Source& source, mcp::Exchange& outside);

    // Hears of the changes of these lists from now on; URIs are not looked at. Returns when the
    // server has acknowledged or refused that, or after changes_wait.
    Task<> hear(SubscriptionFilter changes);

    // Answers resources/subscribe when the server has acknowledged it. A JSON-RPC error when it
    // does not honour that resource, or when the request names none; the error of the request for
    // it when that failed; Errc::timed_out after request.deadline, Errc::cancelled when `caller`
    // withdrew. After a failure the resource is not wanted, unless it was before.
    Task<Result<mcp::Answer>> subscribe(const mcp::Request& request, mcp::Exchange& caller);

    // Answers resources/unsubscribe at once: nothing more is told of the resource. The server hears
    // of it in the background.
    mcp::Answer unsubscribe(const mcp::Request& request);

    // Ends the requests, and the waits for them with Errc::cancelled. Returns when nothing runs any
    // more.
    Task<> close();

private:
    struct Stream;  // One request.
    struct Waiter;  // Somebody who waits for what he wants to be acknowledged.
    using Streams = std::vector<std::shared_ptr<Stream>>;

    void want(const SubscriptionFilter& what);
    void drop(const SubscriptionFilter& what);
    void change();
    Task<Result<SubscriptionFilter>> wait(
        SubscriptionFilter wants, TimePoint until, mcp::Exchange& caller
    );
    Task<> keep();
    void look_at_streams();
    void acknowledged(Stream& stream);
    void has_ended(const Stream& stream);
    void retry_later(const Stream& stream);
    void give_up_unwanted();
    void ask_for_missing();
    void replace();
    void start(SubscriptionFilter what, bool is_again = false, Streams replaces = {});
    void tell_acknowledged();
    void tell_failed(const SubscriptionFilter& what, const Error& why);
    TimePoint next_look() const;
    Task<> run(std::shared_ptr<Stream> stream);
    Task<> tell_what_was_missed(SubscriptionFilter what);

    async::Loop& loop_;
    async::Wheel& wheel_;
    Source& source_;
    mcp::Exchange& outside_;
    async::Gate gate_;
    async::Visitors inside_;
    SubscriptionFilter wanted_;
    SubscriptionFilter fresh_;    // What of that was never asked for.
    SubscriptionFilter refused_;  // Asking for it again is of no use.
    SubscriptionFilter lost_;     // Something may have been missed.
    Streams streams_;             // Those that have not ended.
    std::vector<Waiter*> waiting_;
    std::uint64_t version_ = 0;           // Of what is wanted.
    std::uint64_t replaced_version_ = 0;  // The last that replace() made a request for.
    bool is_kept_ = false;                // keep() runs.
    TimePoint retry_at_;
    std::chrono::milliseconds retry_ = retry_min;
    async::Event news_;  // For keep().
};

}  // namespace gw::upstream
