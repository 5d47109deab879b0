#include "app/topology.hpp"

#include "app/outgoing_proxy.hpp"

#include <algorithm>
#include <utility>

namespace gw::app {

namespace {

std::string_view text_of(Separator separator) {
    switch (separator) {
        case Separator::hyphen: return "-";
        case Separator::two_hyphens: return "--";
        case Separator::underscore: return "_";
        case Separator::dot: return ".";
    }
    return "-";
}

upstream::Config to_config(const Upstream& upstream, const Settings& settings) {
    upstream::Config config;
    config.name = upstream.name;
    config.url = upstream.url;
    config.headers.assign(upstream.headers.begin(), upstream.headers.end());
    config.ca_file = upstream.ca_file;
    config.command = upstream.command;
    config.args = upstream.args;
    config.env = upstream.env;
    config.cwd = upstream.cwd;
    config.call_timeout = upstream.timeout.count() > 0 ? upstream.timeout : settings.timeouts.call;
    const auto most = settings.timeouts.call_max;
    config.call_max = most.count() > 0 ? most : 10 * config.call_timeout;
    config.may_use_roots = upstream.allow.roots;
    config.may_use_sampling = upstream.allow.sampling;
    config.may_use_elicitation = upstream.allow.elicitation;
    config.declares_all = upstream.capabilities == DeclaredCapabilities::all;
    config.transport = !upstream.command.empty()                      ? upstream::Transport::stdio
                       : upstream.transport == UpstreamTransport::sse ? upstream::Transport::sse
                       : upstream.transport == UpstreamTransport::streamable_http
                           ? upstream::Transport::streamable_http
                           : upstream::Transport::automatic;
    if (upstream.era == UpstreamEra::sessions) config.era = upstream::Era::sessions;
    if (upstream.era == UpstreamEra::stateless) config.era = upstream::Era::stateless;
    return config;
}

catalog::ViewRules common_rules(const Settings& settings) {
    catalog::ViewRules rules;
    rules.separator = text_of(settings.names.separator);
    rules.page_size = settings.limits.page_size;
    return rules;
}

}  // namespace

Result<const net::TlsClient*> TopologyBuilder::tls_client(const std::string& authorities_file) {
    auto& client = tls_clients_[authorities_file];
    if (!client) {
        GW_TRY(client, net::TlsClient::make(authorities_file));
    }
    return client.get();
}

Result<std::shared_ptr<const upstream::Target>> TopologyBuilder::make_target(
    const Upstream& upstream, const Settings& settings
) {
    const auto& file = upstream.ca_file.empty() ? settings.proxy.ca_file : upstream.ca_file;
    const net::TlsClient* tls = nullptr;
    if (upstream.url.starts_with("https://")) {
        GW_TRY(tls, tls_client(file));
    }
    auto target = upstream::make_target(to_config(upstream, settings), tls);
    if (!target) {
        return fail(
            Errc::invalid_params,
            "upstreams." + upstream.name + ": " + target.error().text,
            target.error().detail
        );
    }
    if (!upstream.url.empty()) {
        GW_TRY(target->destination.proxy, outgoing_proxy(settings.proxy, *target));
    }
    return std::make_shared<const upstream::Target>(std::move(*target));
}

namespace {

using Indexes = std::map<std::string, auth::UpstreamIndex, std::less<>>;

// The servers that clients see: all upstreams together, each alone, and those that were configured.
// Those that were there before keep their places.
std::vector<gateway::Server> servers_of(
    const Settings& settings,
    std::vector<gateway::Server> servers,
    const std::vector<auth::UpstreamIndex>& all,
    const Indexes& index
) {
    for (auto& server : servers)
        server.is_gone = true;
    const auto put = [&servers](gateway::Server server) {
        const auto found = std::ranges::find(servers, server.id, &gateway::Server::id);
        if (found == servers.end()) {
            servers.push_back(std::move(server));
        } else {
            *found = std::move(server);
        }
    };
    put({.id = "", .upstreams = all, .rules = common_rules(settings)});
    for (const auto& upstream : settings.upstreams) {
        auto rules = common_rules(settings);
        rules.has_plain_names = true;
        put({.id = upstream.name, .upstreams = {index.at(upstream.name)}, .rules = std::move(rules)}
        );
    }
    for (const auto& server : settings.servers) {
        auto rules = common_rules(settings);
        rules.has_plain_names = server.names == NameStyle::plain;
        rules.tools = server.tools;
        rules.prompts = server.prompts;
        rules.resources = server.resources;
        rules.instructions = server.instructions;
        std::vector<auth::UpstreamIndex> chosen;
        chosen.reserve(server.upstreams.size());
        for (const auto& name : server.upstreams)
            chosen.push_back(index.at(name));
        put({.id = server.id, .upstreams = std::move(chosen), .rules = std::move(rules)});
    }
    return servers;
}

}  // namespace

Result<void> TopologyBuilder::update(const Settings& settings) {
    GW_TRY(auto denied, net::Networks::parse(settings.egress.denied_networks));
    auto upstreams = upstreams_;
    Indexes index;
    std::vector<auth::UpstreamIndex> all;
    const auto& timeouts = settings.timeouts;
    const Way way{settings.proxy, settings.egress, timeouts.call, timeouts.call_max};
    for (const auto& upstream : settings.upstreams) {
        auto found = std::ranges::find_if(upstreams, [&](const Known& known) {
            return known.settings == upstream && known.way == way;
        });
        if (found == upstreams.end()) {
            GW_TRY(auto target, make_target(upstream, settings));
            upstreams.push_back({upstream, way, std::move(target)});
            found = upstreams.end() - 1;
        }
        const auto number = static_cast<auth::UpstreamIndex>(found - upstreams.begin());
        index[upstream.name] = number;
        all.push_back(number);
    }

    auto servers = servers_of(settings, servers_, all, index);
    auto topology = std::make_shared<gateway::Topology>();
    auto targets = std::make_shared<upstream::Targets>();
    for (const auto& known : upstreams) {
        const auto& prefix = known.settings.name_prefix;
        topology->upstreams.push_back(
            {known.settings.name,
             prefix.empty() ? known.settings.name : prefix,
             {known.settings.tools, known.settings.hidden_tools}}
        );
        targets->push_back({.target = known.target, .is_gone = true});
    }
    for (const auto number : all)
        targets->at(number).is_gone = false;
    topology->servers = servers;
    upstreams_ = std::move(upstreams);
    servers_ = std::move(servers);
    topology_ = std::move(topology);
    targets_ = std::move(targets);
    denied_ = std::make_shared<const net::Networks>(std::move(denied));
    return {};
}

}  // namespace gw::app
