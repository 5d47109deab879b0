#include "app/load_settings.hpp"

#include "app/check_settings.hpp"
#include "app/document.hpp"
#include "app/grammar.hpp"
#include "app/mcp_servers.hpp"
#include "app/text_file.hpp"
#include "app/unknown_variables.hpp"
#include "app/variable_settings.hpp"
#include "app/yaml_settings.hpp"
#include "net/listen_address.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace gw::app {
namespace {

// The text of a file; nothing, and an error, when it cannot be read.
std::optional<std::string> text_of(const std::string& name, std::size_t bytes_max, Report& report) {
    auto text = read_text_file(name, bytes_max);
    if (text) return std::move(*text);
    report.errors.push_back(text.error().text);
    return std::nullopt;
}

void read_files(
    const Sources& sources, const Environment& environment, Report& report, Settings& settings
) {
    if (sources.config) {
        if (const auto text = text_of(*sources.config, file_bytes_max, report)) {
            FileReport file(*sources.config, report);
            read_yaml_settings(*text, environment, file, settings);
        }
    }
    std::error_code ignored;
    const auto folder = std::filesystem::current_path(ignored).string();
    for (const auto& name : sources.mcp_servers) {
        if (const auto text = text_of(name, foreign_file_bytes_max, report)) {
            FileReport file(name, report);
            read_mcp_servers(*text, folder, environment, file, settings);
        }
    }
}

// An upstream that cannot be used as it is configured now goes on as it was.
void keep_old_state(Settings& settings, Report& report, const Settings& before) {
    for (auto& out : report.left_out) {
        const auto old = std::ranges::find(before.upstreams, out.name, &Upstream::name);
        if (!out.may_stay || old == before.upstreams.end()) continue;
        const bool is_taken =
            std::ranges::count(settings.upstreams, out.name, &Upstream::name) > 0 ||
            std::ranges::count(settings.servers, out.name, &VirtualServer::id) > 0;
        if (!is_taken) settings.upstreams.push_back(*old);
        out.is_kept = std::ranges::count(settings.upstreams, *old) > 0;
    }
}

// The variable under its usual name or, as older programs write it, in lower case.
std::string proxy_variable(
    std::string_view name, std::string_view lowered, const Environment& environment, Report& report
) {
    auto value = environment(name);
    if (!value || value->empty()) value = environment(lowered);
    if (!value || value->empty()) return {};
    if (value->find("://") == std::string::npos) value->insert(0, "http://");
    if (is_proxy_url(*value)) return std::move(*value);
    report.errors.push_back(
        "the variable " + std::string(name) + ": proxy." + std::string(lowered) +
        ": expected http://HOST:PORT; no other kind of proxy is supported"
    );
    return {};
}

Proxy proxy_defaults(const Environment& environment, Report& report) {
    Proxy proxy;
    proxy.https_proxy = proxy_variable("HTTPS_PROXY", "https_proxy", environment, report);
    proxy.http_proxy = proxy_variable("HTTP_PROXY", "http_proxy", environment, report);
    auto none = environment("NO_PROXY");
    if (!none) none = environment("no_proxy");
    if (none) proxy.no_proxy = split_list(*none);
    return proxy;
}

}  // namespace

Result<void> settle_default(Sources& sources) {
    if (sources.config || !sources.mcp_servers.empty()) return {};
    std::error_code ignored;
    if (!std::filesystem::exists(default_config, ignored)) {
        return fail(
            Errc::invalid_params,
            "nothing to serve: give --config FILE or --mcp-servers FILE, or write bascule.yaml"
        );
    }
    sources.config = default_config;
    return {};
}

Result<LoadedSettings> load_settings(
    const Sources& sources, const Environment& environment, const Settings* before
) {
    Report report;
    Settings settings;
    settings.proxy = proxy_defaults(environment, report);
    const auto common = sources.is_reference_env ? CommonNames::always : CommonNames::beside_others;
    read_variable_settings(environment, common, report, settings);
    if (before != nullptr) report.warnings.clear();  // They were told at the start.
    VariableNames asked_for;
    const Environment noting = [&](std::string_view name) {
        asked_for.emplace(name);
        return environment(name);
    };
    read_files(sources, noting, report, settings);
    if (before == nullptr) warn_of_unknown_variables(environment, asked_for, report);
    if (sources.listen) settings.listen = *sources.listen;
    leave_out_upstreams(settings, before != nullptr ? before->listen : settings.listen, report);
    if (before != nullptr) keep_old_state(settings, report, *before);
    // What has errors of its own lacks parts, and would be blamed for that too.
    if (!report.has_errors()) check_settings(settings, report);
    if (!report.has_errors()) check_files(settings, report);
    if (report.has_errors()) return fail(Errc::invalid_params, report.error_text());
    return LoadedSettings{
        std::move(settings), std::move(report.warnings), std::move(report.left_out)
    };
}

}  // namespace gw::app
