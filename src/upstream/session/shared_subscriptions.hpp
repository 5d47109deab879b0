#pragma once

#include "async/event.hpp"
#include "async/gate.hpp"
#include "async/visitors.hpp"
#include "async/wheel.hpp"
#include "mcp/peer.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gw::upstream {

// The subscriptions of many listeners at one server, in one upstream session. For each resource it
// knows how many want to hear of it and what the server was told last, and sends one request at a
// time until both agree. So no request overtakes another, and who begins to listen while the last
// listener leaves is not missed.
//
// close() is awaited before it is destroyed.
class SharedSubscriptions {
public:
    // True while a request to subscribe may be taken back, so that its server has nothing of it. A
    // server with sessions may subscribe all the same, and later than it hears what comes next.
    using MayTakeBack = std::function<bool()>;

    // `server` gets the requests, each of which may take `patience`. All references outlive it.
    SharedSubscriptions(
        async::Loop& loop,
        async::Wheel& wheel,
        mcp::Peer& server,
        std::chrono::milliseconds patience,
        MayTakeBack may_take_back
    );

    // Subscribes with these params of resources/subscribe; returns when the server has done so. If
    // that fails, or the wait is ended from outside, it is as if nobody had asked: what the server
    // has done meanwhile is undone. Errc::upstream_failed when the server refuses, Errc::timed_out
    // when it does not answer, Errc::cancelled when the wait was ended or this is closed.
    Task<Result<void>> subscribe(std::string params);

    // Undoes one subscribe() that succeeded with the same params. Does not wait; the server hears
    // of it in the background, if this was the last.
    void unsubscribe(const std::string& params);

    // Begins to end what runs, and the waits with Errc::cancelled. The server is told nothing any
    // more. May be called twice.
    void end();

    // The same, and returns when nothing of it runs any more.
    Task<> close();

    // How many resources are wanted, or not given up at the server yet.
    std::size_t size() const { return all_.size(); }

private:
    struct Waiter;
    struct Asking;

    // What is known of the subscription at the server.
    enum class Server { has_none, may_have_one, has_one };

    // One resource.
    struct Entry {
        unsigned wanted = 0;  // By so many.
        Server server = Server::has_none;
        bool is_kept = false;      // keep() runs.
        Asking* asking = nullptr;  // Its request to subscribe.
        std::vector<Waiter*> waiting = {};
    };

    using Entries = std::map<std::string, Entry, std::less<>>;

    void change(Entries::iterator at);
    void release(const std::string& params);
    Task<> keep(std::string params);
    Task<Result<void>> ask(std::string_view method, std::string_view params, Asking& asking);

    async::Loop& loop_;
    async::Wheel& wheel_;
    mcp::Peer& server_;
    std::chrono::milliseconds patience_;
    MayTakeBack may_take_back_;
    async::Gate gate_;
    async::Visitors inside_;  // Those who wait.
    Entries all_;             // By params.
};

}  // namespace gw::upstream
