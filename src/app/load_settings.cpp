#include "app/load_settings.hpp"

#include "app/check_settings.hpp"
#include "app/grammar.hpp"
#include "app/listen_address.hpp"
#include "app/mcp_servers.hpp"
#include "app/text_file.hpp"
#include "app/yaml_settings.hpp"

#include <algorithm>

namespace gw::app {
namespace {

using Reader = void(std::string_view, const Environment&, FileReport&, Settings&);

void read_file(
    const std::string& name,
    Reader* read,
    const Environment& environment,
    Report& report,
    Settings& settings
) {
    const auto text = read_text_file(name);
    if (!text) {
        report.errors.push_back(text.error().text);
        return;
    }
    FileReport file(name, report);
    read(*text, environment, file, settings);
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
        "the variable " + std::string(name) + ": expected http://HOST:PORT; no other kind of " +
        "proxy is supported"
    );
    return {};
}

std::vector<std::string> split_list(std::string_view text) {
    std::vector<std::string> items;
    while (!text.empty()) {
        const auto end = std::min(text.find(','), text.size());
        const auto item = text.substr(0, end);
        const auto begin = item.find_first_not_of(' ');
        if (begin != std::string_view::npos) {
            items.emplace_back(item.substr(begin, item.find_last_not_of(' ') + 1 - begin));
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return items;
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

Result<LoadedSettings> load_settings(const Sources& sources, const Environment& environment) {
    Report report;
    Settings settings;
    settings.proxy = proxy_defaults(environment, report);
    if (sources.config) {
        read_file(*sources.config, read_yaml_settings, environment, report, settings);
    }
    for (const auto& file : sources.mcp_servers)
        read_file(file, read_mcp_servers, environment, report, settings);
    if (sources.listen) settings.listen = *sources.listen;
    // What has errors of its own lacks parts, and would be blamed for that too.
    if (!report.has_errors()) check_settings(settings, report);
    if (!report.has_errors()) check_files(settings, report);
    if (report.has_errors()) return fail(Errc::invalid_params, report.error_text());
    return LoadedSettings{std::move(settings), std::move(report.warnings)};
}

bool is_mcp_servers_file(std::string_view name, std::string_view text) {
    if (name.ends_with(".json") || name.ends_with(".jsonc")) return true;
    if (name.ends_with(".yaml") || name.ends_with(".yml")) return false;
    const auto begin = text.find_first_not_of(" \t\r\n");
    return begin != std::string_view::npos && (text[begin] == '{' || text[begin] == '/');
}

}  // namespace gw::app
