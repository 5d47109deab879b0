#pragma once

#include "async/budget.hpp"
#include "async/fair_shares.hpp"
#include "async/gate.hpp"
#include "auth/authenticator.hpp"
#include "net/byte_stream.hpp"
#include "net/shard.hpp"
#include "web/large_bodies.hpp"
#include "web/options.hpp"
#include "web/reply_start.hpp"
#include "web/router.hpp"
#include "web/slow_writes.hpp"

#include <boost/intrusive/list.hpp>

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gw::web {

class Connection;
class Handler;

// A connection's place in its server's list.
struct ConnectionHook : boost::intrusive::list_base_hook<> {};

// A connection on its way to another shard, with what was read from it already.
struct Migration {
    net::DetachedStream stream;
    Buffer unread;
    std::string peer;
};

// One request, for the access log.
struct RequestRecord {
    std::string_view peer;       // The client, as far as trusted proxies name it.
    std::string_view principal;  // Empty when nobody was authenticated.
    std::string_view http_method;
    std::string_view path;       // Without the query, which may hold secrets.
    std::string_view operation;  // In the words of the protocol that it came in, such as a method.
    int status = 0;
    std::int64_t milliseconds = 0;
};

using LogRequest = std::function<void(const RequestRecord&)>;

// What a client is told that is refused for the budget of buffered bytes.
constexpr std::string_view too_much_buffered = "too much is buffered (streams.buffered_bytes_max)";

// One line for the log.
using Log = std::function<void(std::string_view line)>;

// Serves HTTP on one shard: everything that its connections share. It knows no protocol on top.
class HttpServer {
public:
    struct Parts {
        net::Shard& shard;
        async::Budget& budget;
        async::FairShares& body_shares;        // Who has how much of it in bodies.
        async::Allowance::Share& in_flight;    // Requests that are read or answered.
        async::Allowance::Share& connections;  // Its poke is to make the shard call look_around().
        std::vector<Route> routes;
        Handler& otherwise;  // Refuses what leads nowhere, and what cannot be read.
        // Gives a connection to the shard that has to answer it.
        std::function<void(unsigned shard, Migration)> migrate;
        LogRequest log_request;
        Log log;
        unsigned shard_count = 1;
        std::size_t waiting_max = 1024;  // Connections that wait for a place; more are closed.
    };

    // What a reload replaces.
    struct Policy {
        std::shared_ptr<const Options> options;
        std::shared_ptr<const auth::Authenticator> authenticator;
    };

    HttpServer(Parts parts, Policy policy);
    ~HttpServer();

    // Takes over a connection that was accepted. While there are too many it waits for one to end,
    // and one on which no request is under way is closed for it; when too many wait, it is closed
    // itself.
    void serve(std::unique_ptr<net::ByteStream> stream, std::string peer);

    // Takes over one that was moved here, with what was read from it already and its place among
    // the connections that there may be.
    void serve_moved(std::unique_ptr<net::ByteStream> stream, std::string peer, Buffer unread);

    // A connection may have ended on another shard, in whose place one that waits here is served.
    void look_around();

    // For all connections, those that there are too. On the thread of the shard.
    void set_policy(Policy policy);

    // Begins to end: idle connections are closed, and new requests are refused. Running calls
    // go on.
    void drain();

    // Ends everything, and returns when nothing runs any more.
    Task<> close();

    const Options& options() const { return *policy_.options; }

    // Whether a new connection of `peer` has to begin with a header of the PROXY protocol.
    bool expects_proxy_header(std::string_view peer) const {
        return options().has_proxy_protocol && options().trusted_proxies.has_peer(peer);
    }

    const Policy& policy() const { return policy_; }

    // Whether what `who` has begun may go on now.
    bool is_still_valid(const auth::Principal& who) {
        return policy_.authenticator->is_still_valid(who, shard().clock());
    }

    Parts& parts() { return parts_; }

    const Router& router() const { return router_; }

    net::Shard& shard() { return parts_.shard; }

    async::Gate& gate() { return gate_; }

    // What a response that is made now begins with.
    const ReplyStart& reply_start() {
        reply_start_.turn(shard().now(), shard().clock());
        return reply_start_;
    }

    std::size_t connection_count() const { return connections_.size(); }

    bool is_draining() const { return is_draining_; }

    bool is_ready() const { return is_ready_ && !is_draining_; }

    void set_ready() { is_ready_ = true; }

    // Requests that are being read or answered now.
    std::size_t in_flight() const { return parts_.in_flight.taken(); }

    // The Host that the last request had and may have: nearly every one has the same.
    std::string host_taken_last;

private:
    friend class Connection;
    class Handler;

    struct Waiting {
        std::unique_ptr<net::ByteStream> stream;
        std::string peer;
        bool is_new = true;  // Else it was moved here from another shard.
    };

    // It waits for a request from now on.
    void put_last(ConnectionHook& connection) {
        connections_.splice(connections_.end(), connections_, connections_.iterator_to(connection));
    }

    void close(std::unique_ptr<net::ByteStream> stream);
    void start(Waiting next, Buffer unread, async::Allowance::Hold place);
    Task<> run(std::unique_ptr<Connection> connection);
    void serve_waiting();
    bool has_room_to_wait();
    Task<> make_room();
    bool make_idle_give_way();

    Parts parts_;
    Router router_;
    Policy policy_;
    async::Gate gate_;
    boost::intrusive::list<ConnectionHook> connections_;  // Those that are idle for longest first.
    SlowWrites slow_writes_;
    LargeBodies large_bodies_{parts_.body_shares};
    std::deque<Waiting> waiting_;
    ReplyStart reply_start_;
    std::size_t lingering_ = 0;  // Connections whose rest is being discarded,
    std::array<char, std::size_t{16} * 1024> discarded_{};  // all of them into this.
    bool is_making_room_ = false;
    bool is_draining_ = false;
    bool is_ready_ = false;
};

}  // namespace gw::web
