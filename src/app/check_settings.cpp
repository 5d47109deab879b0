#include "app/check_settings.hpp"

#include "app/grammar.hpp"
#include "app/listen_address.hpp"
#include "app/text_file.hpp"
#include "app/tokens.hpp"
#include "net/networks.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>

namespace gw::app {
namespace {

class Check {
public:
    Check(const Settings& settings, Report& report) : settings_(settings), report_(report) {}

    void run() {
        check_access();
        check_tls();
        check_names();
        for (const auto& upstream : settings_.upstreams)
            check(upstream);
        for (const auto& server : settings_.servers)
            check(server);
        if (settings_.upstreams.empty()) report_.warnings.emplace_back("there are no upstreams");
    }

private:
    template <typename... Parts>
    void error(const Parts&... parts) {
        std::string text;
        ((text += parts), ...);
        report_.errors.push_back(std::move(text));
    }

    void check_access() {
        const auto& auth = settings_.auth;
        const auto address = parse_listen_address(settings_.listen);
        if (!address) return error("listen: \"" + settings_.listen + "\" is no address");
        if (!auth.tokens_file.empty() && auth.allow_anonymous) {
            error(
                "auth.allow_anonymous and auth.tokens_file exclude each other: who connects either "
                "needs a token or does not"
            );
        }
        if (address->is_local() || !auth.tokens_file.empty() || auth.allow_anonymous) return;
        error(
            "listen: " + settings_.listen +
            " can be reached from other machines, and nobody would be asked for a token. Set "
            "auth.tokens_file, or listen on 127.0.0.1, or set auth.allow_anonymous to true if "
            "everybody may use every upstream"
        );
    }

    void check_tls() {
        const auto& tls = settings_.tls;
        if (tls.certificate.empty() == tls.key.empty()) return;
        const std::string missing = tls.key.empty() ? "tls.key" : "tls.certificate";
        error("tls needs both files: " + missing + " is not set");
    }

    // Upstreams and virtual servers share the paths /servers/NAME/mcp.
    void check_names() {
        std::map<std::string, std::string> taken;
        const auto take = [&](const std::string& name, const std::string& what) {
            const auto [found, is_new] = taken.emplace(name, what);
            if (is_new) return;
            error("the name \"" + name + "\" is given to " + found->second + " and to " + what);
        };
        for (const auto& upstream : settings_.upstreams)
            take(upstream.name, "the upstream at " + upstream.place.text);
        for (const auto& server : settings_.servers)
            take(server.id, "the virtual server at " + server.place.text);
    }

    void check(const Upstream& upstream) {
        const auto where = upstream.place.text + ": the upstream " + upstream.name;
        const bool has_url = !upstream.url.empty();
        const bool has_command = !upstream.command.empty();
        if (!has_url && !has_command) return error(where + " has neither url nor command");
        if (has_url && has_command) return error(where + " has both url and command; it needs one");
        const auto refuse = [&](bool is_set, const std::string& key, const std::string& kind) {
            if (is_set) error(where + " has " + key + ", which is only for a " + kind);
        };
        if (has_url) {
            refuse(!upstream.args.empty(), "args", "command");
            refuse(!upstream.env.empty(), "env", "command");
            refuse(!upstream.cwd.empty(), "cwd", "command");
            check_headers(upstream, where);
            check_network(upstream, where);
            if (upstream.transport == UpstreamTransport::sse &&
                upstream.era == UpstreamEra::stateless) {
                error(where + " has era stateless, which is not spoken over transport sse");
            }
        } else {
            refuse(!upstream.headers.empty(), "headers", "url");
            refuse(!upstream.ca_file.empty(), "ca_file", "url");
            refuse(upstream.transport != UpstreamTransport::automatic, "transport", "url");
        }
    }

    // RFC 9110 5.1: names of headers are case-insensitive.
    void check_headers(const Upstream& upstream, const std::string& where) {
        std::set<std::string> seen;
        for (const auto& [name, value] : upstream.headers) {
            std::string lowered = name;
            for (char& c : lowered)
                if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
            if (!seen.insert(lowered).second) error(where, " has the header ", name, " twice");
        }
    }

    // What names resolve to is seen when they are connected to.
    void check_network(const Upstream& upstream, const std::string& where) {
        const auto denied = net::Networks::parse(settings_.egress.denied_networks);
        auto authority = std::string_view(upstream.url);
        authority.remove_prefix(authority.find("://") + 3);
        const auto address = split_host_port(authority.substr(0, authority.find_first_of("/?#")));
        if (!denied || !address || !denied->contains(address->host)) return;
        error(where + " has a url in a network of egress.denied_networks");
    }

    void check(const VirtualServer& server) {
        const auto where = server.place.text + ": the virtual server " + server.id;
        if (server.upstreams.empty()) error(where + " has no upstreams");
        std::set<std::string> seen;
        for (const auto& name : server.upstreams) {
            if (std::ranges::find(settings_.upstreams, name, &Upstream::name) ==
                settings_.upstreams.end()) {
                error(where, " names the upstream ", name, ", which is not there");
            }
            if (!seen.insert(name).second) error(where, " names ", name, " twice");
        }
        if (server.names == NameStyle::plain && server.upstreams.size() > 1) {
            error(where + " has plain names, which need exactly one upstream");
        }
    }

    const Settings& settings_;
    Report& report_;
};

}  // namespace

void check_settings(const Settings& settings, Report& report) {
    Check(settings, report).run();
}

void check_files(const Settings& settings, Report& report) {
    const auto check = [&](std::string_view setting, const std::string& file) {
        if (file.empty()) return;
        if (const auto text = read_text_file(file); !text) {
            report.errors.push_back(std::string(setting) + ": " + text.error().text);
        }
    };
    check("tls.certificate", settings.tls.certificate);
    check("tls.key", settings.tls.key);
    check("proxy.ca_file", settings.proxy.ca_file);
    for (const auto& upstream : settings.upstreams)
        check("upstreams." + upstream.name + ".ca_file", upstream.ca_file);
    if (settings.auth.tokens_file.empty()) return;
    if (const auto tokens = read_tokens(settings.auth.tokens_file); !tokens) {
        report.errors.push_back("auth.tokens_file: " + tokens.error().text);
    }
}

}  // namespace gw::app
