#pragma once

#include "app/settings.hpp"
#include "gateway/topology.hpp"
#include "net/tls_context.hpp"
#include "upstream/hub/hub.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gw::app {

// What the settings say of upstream and virtual servers, in the form in which the parts of the
// program use it. What stays as it was keeps its number; what is gone is forgotten, so that a
// change costs what is configured now and not what ever was. A copy goes on from where this is, and
// keeps what its targets use.
class TopologyBuilder {
public:
    // Takes new settings. Fails when a URL or a file of certificates cannot be used; then nothing
    // has changed.
    Result<void> update(const Settings& settings);

    gateway::TopologyHandle topology() const { return topology_; }

    std::shared_ptr<const upstream::Targets> targets() const { return targets_; }

    // Where no target must be, also none that was configured before.
    std::shared_ptr<const net::Networks> denied() const { return denied_; }

private:
    // What else decides how an upstream is reached.
    struct Way {
        Proxy proxy;
        Egress egress;
        Time call_timeout;
        Time call_max;

        bool operator==(const Way&) const = default;
    };

    struct Known {
        Upstream settings;
        Way way;
        std::shared_ptr<const upstream::Target> target;
        auth::UpstreamNumber number;
    };

    using Upstreams = std::map<std::string, Known, std::less<>>;  // By name.

    // A virtual server that is configured is another one than what an upstream of its id gives.
    struct ServerKey {
        std::string id;
        bool is_configured = false;

        auto operator<=>(const ServerKey&) const = default;
    };

    using ServerNumbers = std::map<ServerKey, auth::ServerNumber>;

    Result<std::shared_ptr<const upstream::Target>> make_target(
        const Upstream& upstream, const Settings& settings, upstream::Config config
    );
    Result<Upstreams> known_of(const Settings& settings);
    Result<const net::TlsClient*> tls_client(const std::string& authorities_file);

    std::map<std::string, std::shared_ptr<net::TlsClient>> tls_clients_;  // By file; kept.
    Upstreams upstreams_;
    ServerNumbers servers_;
    auth::UpstreamNumber next_upstream_ = 0;
    auth::ServerNumber next_server_ = 0;
    gateway::TopologyHandle topology_;
    std::shared_ptr<const upstream::Targets> targets_;
    std::shared_ptr<const net::Networks> denied_;
};

}  // namespace gw::app
