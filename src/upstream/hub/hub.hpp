#pragma once

#include "async/gate.hpp"
#include "auth/permit.hpp"
#include "http/client.hpp"
#include "upstream/ground/config.hpp"
#include "upstream/ground/environment.hpp"
#include "upstream/ground/era.hpp"
#include "upstream/ground/link.hpp"
#include "upstream/http/http_transfer.hpp"
#include "upstream/stdio/stdio_server.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
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
};

// A server by its index. It keeps the index when it is no longer configured, because calls to it
// may still run.
struct Place {
    std::shared_ptr<const Target> target;
    bool is_gone = false;
};

using Targets = std::vector<Place>;

// Makes a Target: takes the URL of `config` apart, unless it is a child process. `tls`, for https,
// outlives the target; null without https. Errc::invalid_params when the URL cannot be used.
Result<Target> make_target(Config config, const net::TlsClient* tls);

// All upstream servers as one shard reaches them: makes links, keeps HTTP connections and shared
// processes. It belongs to the shard. close() is awaited before it is destroyed, after all its
// links have been closed. An index that set_targets() did not give is a defect.
class Hub final : async::Timer {
public:
    // All of it outlives the hub.
    Hub(Environment& around, net::Connector& connector, ProcessLimits& processes);
    ~Hub();

    // Where processes that were started ahead come from; null: there are none. To be called before
    // links are made. `spares` outlives them.
    void set_spares(Spares* spares) { spares_ = spares; }

    // New targets after a reload; a server keeps its index. From now on no server, of before
    // either, is connected to at an address in `denied`; null: each destination says that itself.
    void set_targets(
        std::shared_ptr<const Targets> targets,
        std::shared_ptr<const net::Networks> denied = nullptr
    );

    // How the server is reached. The reference stays valid: later targets keep those of before.
    const Config& config(auth::UpstreamIndex upstream) const;

    // True when there is such an index.
    bool has(auth::UpstreamIndex upstream) const { return upstream < targets_->size(); }

    // True when a reload has taken it away or put another in its stead: no new calls come to it.
    bool is_gone(auth::UpstreamIndex upstream) const { return targets_->at(upstream).is_gone; }

    // A link that is not open yet. What the server says outside of calls goes to `outside`, which
    // outlives the link. The link is closed before the hub is.
    std::unique_ptr<Link> make_link(
        auth::UpstreamIndex upstream, const LinkPurpose& purpose, mcp::Exchange& outside
    );

    // The era of the server, as this shard saw it last; set by its links.
    EraVerdict& verdict(auth::UpstreamIndex upstream) { return *verdicts_.at(upstream); }

    // What the links of this shard share.
    Environment& around() { return around_; }

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
    http::Pool& pool(auth::UpstreamIndex upstream);
    HttpOrigin origin_of(auth::UpstreamIndex upstream);
    StdioServer& stdio(auth::UpstreamIndex upstream);

    Environment& around_;
    net::Connector& connector_;
    ProcessLimits& processes_;
    Spares* spares_ = nullptr;
    async::Gate gate_;
    std::shared_ptr<const Targets> targets_;
    std::shared_ptr<const net::Networks> denied_;
    std::vector<std::unique_ptr<http::Pool>> pools_;     // By upstream; null until used.
    std::vector<std::unique_ptr<EraVerdict>> verdicts_;  // By upstream.
    std::map<auth::UpstreamIndex, std::unique_ptr<StdioServer>> stdio_;  // Made when first used.

    // Where a server has moved to for good, as long as it is configured as before.
    struct Moved {
        std::string from;
        std::string to;
    };

    std::vector<std::unique_ptr<Moved>> moved_;  // By upstream.
    std::vector<std::pair<const void*, std::function<void()>>> sweeps_;
};

}  // namespace gw::upstream
