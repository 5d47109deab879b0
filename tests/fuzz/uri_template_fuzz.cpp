// A template matches what a matcher says that tries every way, one after the other.
#include "base/assert.hpp"
#include "catalog/uri_template.hpp"

#include <cstdint>
#include <string_view>

namespace gw::catalog {
namespace {

constexpr std::size_t template_size_max = 24;
constexpr std::size_t uri_size_max = 16;

// Whether `uri` can have been made from `text`, which it takes apart as it goes.
bool reference(std::string_view text, std::string_view uri);

// What may follow the sign, or stand for a simple expansion.
bool is_value(char op, char c) {
    const std::string_view never = op == '/' || op == ';'   ? "?#"
                                   : op == '?' || op == '&' ? "#"
                                   : op == '+' || op == '#' ? ""
                                                            : "/?#";
    return never.find(c) == std::string_view::npos;
}

bool reference_expression(char op, std::string_view rest, std::string_view uri) {
    const bool has_sign = op != '+' && op != ' ';
    if (has_sign) {
        if (reference(rest, uri)) return true;
        if (uri.empty() || uri.front() != op) return false;
    }
    for (std::size_t size = 1; size <= uri.size(); ++size) {
        const bool is_sign = has_sign && size == 1;
        if (!is_sign && !is_value(op, uri[size - 1])) return false;
        if (reference(rest, uri.substr(size))) return true;
    }
    return false;
}

bool reference(std::string_view text, std::string_view uri) {
    if (text.empty()) return uri.empty();
    const auto close = text.front() == '{' ? text.find('}') : std::string_view::npos;
    if (close == std::string_view::npos) {
        const auto literal = text.front() == '{' ? text : text.substr(0, 1);
        return uri.starts_with(literal) &&
               reference(text.substr(literal.size()), uri.substr(literal.size()));
    }
    char op = ' ';
    if (close > 1 && std::string_view("+#./;?&").contains(text[1])) op = text[1];
    return reference_expression(op, text.substr(close + 1), uri);
}

}  // namespace
}  // namespace gw::catalog

// Template and URI, with a line break between them.
// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer calls it so.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(bytes), size);
    const auto line = input.find('\n');
    if (line == std::string_view::npos) return 0;
    const auto text = input.substr(0, line);
    const auto uri = input.substr(line + 1);
    if (text.size() > gw::catalog::template_size_max || uri.size() > gw::catalog::uri_size_max) {
        return 0;  // The reference takes exponential time.
    }
    GW_ASSERT(gw::catalog::UriTemplate(text).matches(uri) == gw::catalog::reference(text, uri));
    return 0;
}
