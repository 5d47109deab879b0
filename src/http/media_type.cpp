#include "http/media_type.hpp"

#include "base/ascii.hpp"
#include "http/text.hpp"

#include <algorithm>

namespace gw::http {

namespace {

// Where the first `separator` outside quoted strings stands, or the list's size.
std::size_t find_unquoted(std::string_view list, char separator) {
    const auto first = std::min(list.find(separator), list.size());
    if (list.substr(0, first).find('"') == std::string_view::npos) return first;
    bool is_quoted = false;
    std::size_t at = 0;
    for (; at < list.size() && (is_quoted || list[at] != separator); ++at) {
        if (list[at] == '"') is_quoted = !is_quoted;
        if (is_quoted && list[at] == '\\') ++at;
    }
    return std::min(at, list.size());
}

// Cuts `list` at the first `separator`; returns what stood before it.
std::string_view take_until(std::string_view& list, char separator) {
    const auto at = find_unquoted(list, separator);
    const auto taken = trim(list.substr(0, at));
    list.remove_prefix(std::min(at + 1, list.size()));
    return taken;
}

// RFC 9110, 12.4.2: weight = OWS ";" OWS "q=" qvalue. Zero means "not acceptable".
bool has_zero_weight(std::string_view parameters) {
    while (!parameters.empty()) {
        const auto parameter = take_until(parameters, ';');
        if (parameter.size() < 3 || !equal_ignoring_case(parameter.substr(0, 2), "q=")) continue;
        const auto weight = parameter.substr(2);
        return weight.front() == '0' && weight.find_first_not_of("0.") == std::string_view::npos;
    }
    return false;
}

// RFC 9110, 12.5.1: how exactly `range` names `media_type`; 0 when it does not.
int specificity(std::string_view range, std::string_view media_type) {
    if (equal_ignoring_case(range, media_type)) return 3;
    if (range == "*/*") return 1;
    const auto type_size = media_type.find('/') + 1;
    const bool is_of_type =
        range.size() == type_size + 1 && range.ends_with("/*") &&
        equal_ignoring_case(range.substr(0, type_size), media_type.substr(0, type_size));
    return is_of_type ? 2 : 0;
}

}  // namespace

bool is_media_type(std::string_view content_type, std::string_view wanted) {
    // Nearly all write it so, or are too short to be it.
    if (content_type == wanted) return true;
    if (content_type.size() < wanted.size()) return false;
    return equal_ignoring_case(trim(content_type.substr(0, content_type.find(';'))), wanted);
}

bool accepts(const Head& head, std::string_view text, std::string_view media_type) {
    if (!head.has(Field::accept)) return true;
    int best = 0;
    bool is_accepted = false;
    for (const auto& header : head.headers()) {
        constexpr std::string_view accept = "accept";
        if (header.name.size != accept.size()) continue;
        if (!equal_ignoring_case(header.name.of(text), accept)) continue;
        auto list = header.value.of(text);
        while (!list.empty()) {
            auto parameters = take_until(list, ',');
            const auto matched = specificity(take_until(parameters, ';'), media_type);
            if (matched == 0 || matched < best) continue;
            const bool is_refused = has_zero_weight(parameters);
            is_accepted = !is_refused || (matched == best && is_accepted);
            best = matched;
        }
    }
    return is_accepted;
}

}  // namespace gw::http
