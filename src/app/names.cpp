#include "app/names.hpp"

#include "app/grammar.hpp"
#include "base/slug.hpp"

namespace gw::app {
namespace {

constexpr std::string_view rule =
    "1 to 64 characters of A-Za-z0-9._- that start with a letter or digit";

}  // namespace

std::optional<std::string> upstream_name(std::string_view key, int line, FileReport& report) {
    if (is_name(key)) return std::string(key);
    const auto written = "\"" + std::string(key) + "\"";
    auto slug = slugify(key);
    if (!is_name(slug)) {
        report.error(line, written + " gives no name for an upstream: " + std::string(rule));
        return std::nullopt;
    }
    report.warning(line, "the upstream " + written + " is called " + slug + " here");
    return slug;
}

bool is_server_id(std::string_view key, int line, FileReport& report) {
    if (is_name(key)) return true;
    report.error(
        line, "\"" + std::string(key) + "\" is no id for a virtual server: " + std::string(rule)
    );
    return false;
}

}  // namespace gw::app
