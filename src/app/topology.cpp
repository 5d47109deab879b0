#include "app/topology.hpp"

#include "app/outgoing_proxy.hpp"

#include <algorithm>
#include <set>
#include <string_view>
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
    config.program = upstream.program;
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
    const Upstream& upstream, const Settings& settings, upstream::Config config
) {
    const auto& file = upstream.ca_file.empty() ? settings.proxy.ca_file : upstream.ca_file;
    const net::TlsClient* tls = nullptr;
    if (upstream.url.starts_with("https://")) {
        GW_TRY(tls, tls_client(file));
    }
    auto target = upstream::make_target(std::move(config), tls);
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

using Numbers = std::map<std::string, auth::UpstreamNumber, std::less<>>;

// The servers that clients see: all upstreams together, each alone, and those that are configured.
// One of a name takes the place of an upstream of that name.
std::map<std::string, gateway::VirtualServer> servers_of(
    const Settings& settings, const std::vector<auth::UpstreamNumber>& all, const Numbers& numbers
) {
    std::map<std::string, gateway::VirtualServer> servers;
    const auto put = [&servers](gateway::VirtualServer server) {
        auto id = server.id;
        servers.insert_or_assign(std::move(id), std::move(server));
    };
    put({.id = "", .upstreams = all, .rules = common_rules(settings)});
    for (const auto& upstream : settings.upstreams) {
        auto rules = common_rules(settings);
        rules.has_plain_names = true;
        put(
            {.id = upstream.name,
             .upstreams = {numbers.at(upstream.name)},
             .rules = std::move(rules)}
        );
    }
    for (const auto& server : settings.servers) {
        auto rules = common_rules(settings);
        rules.has_plain_names = server.names == NameStyle::plain;
        rules.tools = server.tools;
        rules.prompts = server.prompts;
        rules.resources = server.resources;
        rules.instructions = server.instructions;
        std::vector<auth::UpstreamNumber> chosen;
        chosen.reserve(server.upstreams.size());
        for (const auto& name : server.upstreams)
            chosen.push_back(numbers.at(name));
        put({.id = server.id, .upstreams = std::move(chosen), .rules = std::move(rules)});
    }
    return servers;
}

}  // namespace

// Those that are reached as before keep their number and target.
Result<TopologyBuilder::Upstreams> TopologyBuilder::known_of(const Settings& settings) {
    Upstreams known;
    const auto& timeouts = settings.timeouts;
    const Way way{settings.proxy, settings.egress, timeouts.call, timeouts.call_max};
    auto next = next_upstream_;
    for (const auto& upstream : settings.upstreams) {
        const auto before = upstreams_.find(upstream.name);
        const bool stays = before != upstreams_.end() && before->second.settings == upstream &&
                           before->second.way == way;
        if (stays) {
            known.emplace(upstream.name, before->second);
            continue;
        }
        auto config = to_config(upstream, settings);
        config.number = next;
        GW_TRY(auto target, make_target(upstream, settings, std::move(config)));
        known.emplace(upstream.name, Known{upstream, way, std::move(target), next++});
    }
    next_upstream_ = next;
    return known;
}

Result<void> TopologyBuilder::update(const Settings& settings) {
    GW_TRY(auto denied, net::Networks::parse(settings.egress.denied_networks));
    GW_TRY(auto upstreams, known_of(settings));
    auto topology = std::make_shared<gateway::Topology>();
    auto targets = std::make_shared<upstream::Targets>();
    Numbers numbers;
    std::vector<auth::UpstreamNumber> all;
    for (const auto& upstream : settings.upstreams) {
        const auto& known = upstreams.at(upstream.name);
        numbers.emplace(upstream.name, known.number);
        all.push_back(known.number);
        targets->emplace(known.number, known.target);
        const auto& prefix = upstream.name_prefix;
        topology->add(
            known.number,
            gateway::UpstreamName{
                .name = upstream.name,
                .prefix = prefix.empty() ? upstream.name : prefix,
                .tools = {upstream.tools, upstream.hidden_tools}
            }
        );
    }
    std::set<std::string_view> configured;
    for (const auto& server : settings.servers)
        configured.insert(server.id);
    ServerNumbers servers;
    for (auto& [id, server] : servers_of(settings, all, numbers)) {
        const ServerKey key{id, configured.contains(id)};
        const auto before = servers_.find(key);
        const auto number = before != servers_.end() ? before->second : next_server_++;
        servers.emplace(key, number);
        topology->add(number, std::move(server));
    }
    upstreams_ = std::move(upstreams);
    servers_ = std::move(servers);
    topology_ = std::move(topology);
    targets_ = std::move(targets);
    denied_ = std::make_shared<const net::Networks>(std::move(denied));
    return {};
}

}  // namespace gw::app
