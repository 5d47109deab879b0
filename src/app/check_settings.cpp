#include "app/check_settings.hpp"

#include "app/grammar.hpp"
#include "app/own_address.hpp"
#include "app/text_file.hpp"
#include "app/tokens.hpp"
#include "base/ascii.hpp"
#include "net/listen_address.hpp"
#include "net/networks.hpp"
#include "net/shard_threads.hpp"
#include "net/tls_context.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace gw::app {
namespace {

// The rules for one upstream.
class UpstreamCheck {
public:
    UpstreamCheck(const Upstream& upstream, const Settings& settings, const std::string& listen)
        : upstream_(upstream),
          settings_(settings),
          listen_(listen),
          where_(upstream.place.text + ": the upstream " + upstream.name),
          result_{upstream.name, {}} {}

    LeftOut run() {
        const bool has_url = !upstream_.url.empty();
        const bool has_command = !upstream_.command.empty();
        if (!has_url && !has_command) error(" has neither url nor command");
        if (has_url && has_command) error(" has both url and command; it needs one");
        if (has_url != has_command) check_kind(has_url);
        return std::move(result_);
    }

private:
    template <typename... Parts>
    void error(const Parts&... parts) {
        auto text = where_;
        ((text += parts), ...);
        result_.reasons.push_back(std::move(text));
    }

    void check_kind(bool has_url) {
        const auto refuse = [&](bool is_set, const std::string& key, const std::string& kind) {
            if (is_set) error(" has ", key, ", which is only for a ", kind);
        };
        if (has_url) {
            refuse(!upstream_.args.empty(), "args", "command");
            refuse(!upstream_.env.empty(), "env", "command");
            refuse(!upstream_.cwd.empty(), "cwd", "command");
            check_headers();
            check_is_another();
            check_network();
            check_authorities();
            if (upstream_.transport == UpstreamTransport::sse &&
                upstream_.era == UpstreamEra::stateless) {
                error(" has era stateless, which is not spoken over transport sse");
            }
        } else {
            refuse(!upstream_.headers.empty(), "headers", "url");
            refuse(!upstream_.ca_file.empty(), "ca_file", "url");
            refuse(upstream_.transport != UpstreamTransport::automatic, "transport", "url");
        }
    }

    // RFC 9110 5.1: names of headers are case-insensitive.
    void check_headers() {
        std::set<std::string> seen;
        for (const auto& [name, value] : upstream_.headers)
            if (!seen.insert(to_lower(name)).second) error(" has the header ", name, " twice");
    }

    void check_is_another() {
        if (!is_own_address(upstream_.url, listen_, settings_.public_url)) return;
        error(" is this gateway itself: its url is where the gateway listens");
        result_.may_stay = false;
    }

    // What names resolve to is seen when they are connected to.
    void check_network() {
        const auto denied = net::Networks::parse(settings_.egress.denied_networks);
        auto authority = std::string_view(upstream_.url);
        authority.remove_prefix(authority.find("://") + 3);
        const auto address = split_host_port(authority.substr(0, authority.find_first_of("/?#")));
        if (!denied || !address || !denied->contains(address->host)) return;
        error(" has a url in a network of egress.denied_networks");
        result_.may_stay = false;
    }

    void check_authorities() {
        const auto& file = upstream_.ca_file;
        if (file.empty()) return;
        if (const auto text = read_unnamed_file(file); !text) {
            error(" has a ca_file that ", text.error().text);
        } else if (const auto tls = net::TlsClient::make(file); !tls) {
            error(" has a ca_file without authorities that can be used");
        }
    }

    const Upstream& upstream_;
    const Settings& settings_;
    const std::string& listen_;
    std::string where_;
    LeftOut result_;
};

class Check {
public:
    Check(Settings& settings, Report& report) : settings_(settings), report_(report) {}

    void run() {
        check_access();
        check_proxies();
        check_tls();
        check_names();
        for (auto& server : settings_.servers)
            check(server);
        if (settings_.upstreams.empty()) report_.warnings.emplace_back("there are no upstreams");
        check_processes();
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
        if (!auth.tokens_file.empty() && auth.allow_anonymous) {
            error(
                "auth.allow_anonymous and auth.tokens_file exclude each other: who connects either "
                "needs a token or does not"
            );
        }
        check_address("listen", settings_.listen);
        const auto& metrics = settings_.metrics.listen;
        if (metrics == "none") return;
        check_address("metrics.listen", metrics);
        if (metrics == settings_.listen && !metrics.ends_with(":0")) {
            error("metrics.listen: " + metrics + " is where clients connect (listen)");
        }
    }

    void check_address(const std::string& setting, const std::string& text) {
        const auto& auth = settings_.auth;
        const auto address = net::parse_listen_address(text);
        if (!address) return error(setting + ": \"" + text + "\" is not an address");
        if (address->is_local() || !auth.tokens_file.empty() || auth.allow_anonymous) return;
        error(
            setting + ": " + text +
            " can be reached from other machines, and nobody would be asked for a token. Set "
            "auth.tokens_file, or listen on 127.0.0.1, or set auth.allow_anonymous to true if "
            "everybody may use every upstream"
        );
    }

    void check_proxies() {
        if (settings_.proxy_protocol && settings_.trusted_proxies.empty()) {
            error("proxy_protocol needs trusted_proxies: only they may say whose a connection is");
        }
        for (const auto& network : settings_.trusted_proxies) {
            if (!network.ends_with("/0")) continue;
            report_.warnings.push_back(
                "trusted_proxies: " + network + " lets every client say who it is"
            );
        }
    }

    // Before they run it is not known which of them are stateless.
    void check_processes() {
        const auto may_be_stateless = [](const Upstream& upstream) {
            return !upstream.command.empty() && upstream.era != UpstreamEra::sessions;
        };
        if (std::ranges::none_of(settings_.upstreams, may_be_stateless)) return;
        const auto& processes = settings_.processes;
        const bool is_in_all = processes.max < processes.per_upstream_max;
        const auto fewest = is_in_all ? processes.max : processes.per_upstream_max;
        const std::size_t workers =
            settings_.workers > 0 ? settings_.workers : net::processor_count();
        if (fewest >= workers) return;
        report_.warnings.push_back(
            std::string(is_in_all ? "processes.max" : "processes.per_upstream_max") + " (" +
            std::to_string(fewest) + ") is less than workers (" + std::to_string(workers) +
            "): a stateless server over stdio has a process for each worker, so that calls wait "
            "for one another, and its processes end and start again"
        );
    }

    void check_tls() {
        const auto& tls = settings_.tls;
        if (tls.certificate.empty() == tls.key.empty()) return;
        const std::string missing = tls.key.empty() ? "tls.key" : "tls.certificate";
        error("tls needs both files: " + missing + " is not set");
    }

    void check_names() {
        std::map<std::string, std::string> taken;
        for (const auto& server : settings_.servers) {
            const auto [found, is_new] = taken.emplace(server.id, server.place.text);
            if (is_new) continue;
            error(
                "the virtual servers at ",
                found->second,
                " and ",
                server.place.text,
                " have the same id \"",
                server.id,
                "\""
            );
        }
    }

    bool is_there(const std::string& upstream) const {
        return std::ranges::count(settings_.upstreams, upstream, &Upstream::name) > 0;
    }

    void check(VirtualServer& server) {
        const auto where = server.place.text + ": the virtual server " + server.id;
        if (server.upstreams.empty()) error(where + " has no upstreams");
        std::set<std::string> seen;
        for (const auto& name : server.upstreams) {
            if (!is_there(name) &&
                std::ranges::count(report_.left_out, name, &LeftOut::name) == 0) {
                error(where, " names the upstream ", name, ", which does not exist");
            }
            if (!seen.insert(name).second) error(where, " names ", name, " twice");
        }
        if (server.names == NameStyle::plain && server.upstreams.size() > 1) {
            error(where + " has plain names, which need exactly one upstream");
        }
        std::erase_if(server.upstreams, [&](const std::string& name) { return !is_there(name); });
    }

    Settings& settings_;
    Report& report_;
};

}  // namespace

// Upstreams and virtual servers share the paths /servers/NAME/mcp.
void leave_out_upstreams(Settings& settings, const std::string& listen, Report& report) {
    std::map<std::string, std::string> taken;
    for (const auto& server : settings.servers)
        taken.emplace(server.id, "the virtual server at " + server.place.text);
    std::vector<Upstream> usable;
    for (auto& upstream : settings.upstreams) {
        auto outcome = UpstreamCheck(upstream, settings, listen).run();
        if (const auto other = taken.find(upstream.name); other != taken.end()) {
            outcome.reasons.push_back(
                upstream.place.text + ": the name \"" + upstream.name + "\" belongs to " +
                other->second + " already"
            );
        }
        if (!outcome.reasons.empty()) {
            report.left_out.push_back(std::move(outcome));
            continue;
        }
        taken.emplace(upstream.name, "the upstream at " + upstream.place.text);
        usable.push_back(std::move(upstream));
    }
    settings.upstreams = std::move(usable);
}

void check_settings(Settings& settings, Report& report) {
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
    if (settings.auth.tokens_file.empty()) return;
    if (const auto tokens = read_tokens(settings.auth.tokens_file); !tokens) {
        report.errors.push_back("auth.tokens_file: " + tokens.error().text);
    }
}

}  // namespace gw::app
