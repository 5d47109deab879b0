#pragma once

#include "auth/permit.hpp"
#include "base/text_hash.hpp"
#include "catalog/view.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gw::gateway {

// An upstream server as the catalogue knows it.
struct UpstreamName {
    std::string name;    // Its key in the configuration.
    std::string prefix;  // What it is called in qualified names.
    catalog::ToolChoice tools = {};

    bool operator==(const UpstreamName&) const = default;
};

// A virtual server: what is behind one path.
struct VirtualServer {
    std::string id;  // Of /servers/ID/mcp; empty for /mcp.
    std::vector<auth::UpstreamNumber> upstreams;
    catalog::ViewRules rules;
};

// What is configured now. Immutable: a change makes a new one, in which what stays as it was has
// the same number. Sessions outlive their virtual server, and calls their upstream server: what is
// not in here any more is gone.
class Topology {
public:
    // A number must not be there yet.
    void add(auth::UpstreamNumber number, UpstreamName upstream) {
        upstreams_.emplace(number, std::move(upstream));
    }

    // After its upstream servers.
    void add(auth::ServerNumber number, VirtualServer server) {
        numbers_.emplace(server.id, number);
        auto& behind = behind_[number];
        for (const auto upstream : server.upstreams)
            behind.emplace(upstreams_.at(upstream).name, upstream);
        servers_.emplace(number, std::move(server));
    }

    // Null when it is gone.
    const UpstreamName* upstream(auth::UpstreamNumber number) const {
        const auto found = upstreams_.find(number);
        return found == upstreams_.end() ? nullptr : &found->second;
    }

    const VirtualServer* server(auth::ServerNumber number) const {
        const auto found = servers_.find(number);
        return found == servers_.end() ? nullptr : &found->second;
    }

    // The virtual server with this id, if it is configured.
    std::optional<auth::ServerNumber> find(std::string_view id) const {
        const auto found = numbers_.find(id);
        if (found == numbers_.end()) return {};
        return found->second;
    }

    // What is reached under an upstream server's name behind a virtual server, if both are there.
    std::optional<auth::UpstreamNumber> find(auth::ServerNumber server, std::string_view name)
        const {
        const auto behind = behind_.find(server);
        if (behind == behind_.end()) return {};
        const auto found = behind->second.find(name);
        if (found == behind->second.end()) return {};
        return found->second;
    }

    const std::unordered_map<auth::ServerNumber, VirtualServer>& servers() const {
        return servers_;
    }

private:
    std::unordered_map<auth::UpstreamNumber, UpstreamName> upstreams_;
    std::unordered_map<auth::ServerNumber, VirtualServer> servers_;
    template <typename Number>
    using ByName = std::unordered_map<std::string, Number, TextHash, std::equal_to<>>;

    ByName<auth::ServerNumber> numbers_;
    std::unordered_map<auth::ServerNumber, ByName<auth::UpstreamNumber>> behind_;
};

using TopologyHandle = std::shared_ptr<const Topology>;

}  // namespace gw::gateway
