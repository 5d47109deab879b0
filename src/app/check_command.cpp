#include "app/check_command.hpp"

#include "app/configuration.hpp"
#include "app/document.hpp"
#include "app/exit_code.hpp"
#include "app/machine.hpp"
#include "app/mcp_servers.hpp"
#include "app/printable.hpp"
#include "app/text_file.hpp"
#include "net/tls.hpp"
#include "net/tls_context.hpp"

#include <ostream>
#include <utility>

namespace gw::app {

namespace {

Result<void> add(const std::vector<std::string>& files, Sources& sources) {
    for (const auto& file : files) {
        GW_TRY(const auto text, read_text_file(file, foreign_file_bytes_max));
        if (is_mcp_servers_file(file, text)) {
            sources.mcp_servers.push_back(file);
        } else if (!sources.config) {
            sources.config = file;
        } else {
            return fail(
                Errc::invalid_params,
                *sources.config + " and " + file + " are both settings: there can be one such file"
            );
        }
    }
    return settle_default(sources);
}

// What the start makes of settings, as far as that is possible beside a gateway that runs.
Result<void> try_out(const Settings& settings) {
    GW_DO(Configurator().make(settings));
    if (settings.tls.certificate.empty()) return {};
    GW_DO(net::TlsServer::make({settings.tls.certificate, settings.tls.key}, [](const Error&) {}));
    return {};
}

template <typename Range, typename Name>
std::string listed(const Range& items, const std::string& what, Name name) {
    std::string text;
    for (const auto& item : items)
        text += (text.empty() ? " (" : ", ") + name(item);
    const auto plural = items.size() == 1 ? "" : "s";
    return std::to_string(items.size()) + " " + what + plural + text + (text.empty() ? "" : ")");
}

std::string summary(const Settings& settings) {
    const auto name = [](const Upstream& upstream) { return upstream.name; };
    const auto id = [](const VirtualServer& server) { return server.id; };
    return "listen on " + settings.listen + ", " + listed(settings.upstreams, "upstream", name) +
           ", " + listed(settings.servers, "virtual server", id);
}

std::string names_of(const Sources& sources) {
    auto text = sources.config.value_or("");
    for (const auto& file : sources.mcp_servers)
        text += (text.empty() ? "" : ", ") + file;
    return text;
}

}  // namespace

int check(
    const std::vector<std::string>& files,
    Sources sources,
    const Environment& environment,
    std::ostream& out,
    std::ostream& err
) {
    if (const auto added = add(files, sources); !added) return refuse(added.error().text, err);
    const auto loaded = load_settings(sources, environment);
    if (!loaded) return refuse(loaded.error().text, err);
    const auto& [settings, warnings, left_out] = *loaded;
    for (const auto& warning : warnings)
        out << "warning: " << printable(warning) << "\n";
    if (const auto warning = find_loose_tokens_file(settings)) {
        out << "warning: " << printable(*warning) << "\n";
    }
    for (const auto& upstream : left_out) {
        for (const auto& reason : upstream.reasons)
            tell(reason, err);
    }
    if (const auto tried = try_out(settings); !tried) {
        tell_failure(tried.error(), err);
        return exit_usage;
    }
    const auto missing = find_missing_programs(settings, environment);
    for (const auto& line : missing)
        tell(line, err);
    const auto name = [](const LeftOut& upstream) { return upstream.name; };
    const bool is_good = left_out.empty() && missing.empty();
    out << printable(names_of(sources)) << ": "
        << (is_good            ? "ok"
            : left_out.empty() ? "starts, but not all of it works"
                               : "starts without " + listed(left_out, "upstream", name))
        << "\n  " << printable(summary(settings)) << "\n";
    return is_good ? exit_ok : exit_usage;
}

}  // namespace gw::app
