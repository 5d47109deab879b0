#pragma once

#include "async/gate.hpp"
#include "auth/permit.hpp"
#include "http/client.hpp"
#include "upstream/ground/config.hpp"
#include "upstream/ground/era.hpp"
#include "upstream/ground/link.hpp"
#include "upstream/ground/link_resources.hpp"
#include "upstream/http/http_transfer.hpp"
#include "upstream/stdio/stdio_server.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace gw::upstream {

class ProcessLimits;
class Spares;

// An upstream server with everything that is the same for all who connect to it.
struct Target {
    Config config;
    net::Destination destination;  // HTTP only, as the next two.
    std::string host;              // For the Host header.
    std::string path;              // With the query.
    // What the server speaks, for all shards.
    std::shared_ptr<EraVerdict> verdict = std::make_shared<EraVerdict>();
};

// Those that are configured now.
using Targets = std::unordered_map<auth::UpstreamNumber, std::shared_ptr<const Target>>;

// One server as one shard reaches it. Whoever is connected to it holds it, and it outlives what the
// configuration says: when it is gone from there, it ends with its last holder.
struct Reached {
    explicit Reached(std::shared_ptr<const Target> to) : target(std::move(to)) {}

    const Config& config() const { return target->config; }

    EraVerdict& verdict() const { return *target->verdict; }

    const std::shared_ptr<const Target> target;
    std::unique_ptr<http::Pool> pool;     // Null until used, as what follows.
    std::string path;                     // Of HTTP, where the server has moved to for good.
    std::unique_ptr<StdioServer> stdio;   // The processes that its links share.
    std::optional<TimePoint> gone_since;  // No new calls come to it.
};

using ReachedHandle = std::shared_ptr<Reached>;

// The configuration of a server, which stays for as long as this is held.
inline ConfigHandle config_of(const ReachedHandle& server) {
    return {server, &server->config()};
}

// Makes a Target: takes the URL of `config` apart, unless it is a child process. `tls`, for https,
// outlives the target; null without https. Errc::invalid_params when the URL cannot be used.
Result<Target> make_target(Config config, const net::TlsClient* tls);

// All upstream servers as one shard reaches them: makes links, keeps HTTP connections and shared
// processes. It belongs to the shard. close() is awaited before it is destroyed, after all its
// links have been closed.
class Hub final : async::Timer {
public:
    // All of it outlives the hub.
    Hub(LinkResources& around, net::Connector& connector, ProcessLimits& processes);
    ~Hub();

    // Where processes that were started ahead come from; null: there are none. To be called before
    // links are made. `spares` outlives them.
    void set_spares(Spares* spares) { spares_ = spares; }

    // New targets after a change. From now on no server, of before either, is connected to at an
    // address in `denied`; null: each destination says that itself.
    void set_targets(
        const std::shared_ptr<const Targets>& targets,
        std::shared_ptr<const net::Networks> denied = nullptr
    );

    // The server with this number; null when it is not configured any more and nobody is connected
    // to it, a while later: a call that was on its way when it went still gets there.
    ReachedHandle reach(auth::UpstreamNumber upstream);

    // A link that is not open yet. What the server says outside of calls goes to `outside`, which
    // outlives the link, as `server` does. The link is closed before the hub is.
    std::unique_ptr<Link> make_link(
        auth::UpstreamNumber upstream,
        Reached& server,
        const LinkPurpose& purpose,
        mcp::Exchange& outside
    );

    // What the links of this shard share.
    LinkResources& around() { return around_; }

    // For tasks that go on after their owner has ended, such as closing sessions. close() waits for
    // them.
    async::Gate& gate() { return gate_; }

    // Calls `sweep` about once a second, until it is removed by the same `who`. A sweep may add and
    // remove others. It is for what is closed when idle.
    void add_sweep(const void* who, std::function<void()> sweep);
    void remove_sweep(const void* who);

    // Begins to end the processes that nobody uses.
    void end_idle();

    // Waits for the tasks in gate(), and closes shared processes and connections.
    Task<> close();

private:
    void expire() override;
    http::Pool& pool(Reached& server);
    HttpOrigin origin_of(Reached& server);
    StdioServer& stdio(auth::UpstreamNumber upstream, Reached& server);
    void forget_gone();
    static Task<> close_one(ReachedHandle server);

    LinkResources& around_;
    net::Connector& connector_;
    ProcessLimits& processes_;
    Spares* spares_ = nullptr;
    async::Gate gate_;
    std::shared_ptr<const net::Networks> denied_;

    // What is left of a server that is configured no more when nobody is connected to it.
    struct Gone {
        std::shared_ptr<const Target> target;
        TimePoint since;
    };

    std::unordered_map<auth::UpstreamNumber, ReachedHandle> reached_;
    std::map<auth::UpstreamNumber, Gone> gone_;  // The oldest first, for calls on their way.
    std::vector<std::pair<const void*, std::function<void()>>> sweeps_;
};

}  // namespace gw::upstream
