#include "app/names.hpp"

#include "app/grammar.hpp"
#include "base/slug.hpp"
#include "base/text_digest.hpp"

#include <cstddef>
#include <span>

namespace gw::app {
namespace {

constexpr std::string_view rule =
    "1 to 64 characters of A-Za-z0-9._- that start with a letter or digit";

// The same for the same text, and another for every other that anybody will write.
std::string digest(std::string_view text) {
    constexpr std::size_t size = 16;
    const auto hash = text_digest<size>(text);
    return to_hex(std::span(hash).first(4));
}

}  // namespace

std::string upstream_name(std::string_view key, int line, FileReport& report) {
    if (is_name(key)) return std::string(key);
    auto name = slugify(key);
    if (!is_name(name)) name = "server-" + digest(key);
    const auto written = "\"" + std::string(key) + "\"";
    report.warning(line, "the upstream " + written + " is called " + name + " here");
    return name;
}

bool is_server_id(std::string_view key, int line, FileReport& report) {
    if (is_name(key)) return true;
    report.error(
        line,
        "\"" + std::string(key) + "\" cannot be the id of a virtual server, which has " +
            std::string(rule)
    );
    return false;
}

}  // namespace gw::app
