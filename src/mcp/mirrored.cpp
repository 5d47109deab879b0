#include "mcp/mirrored.hpp"

#include "base/ascii.hpp"
#include "base/json.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace gw::mcp {

namespace {

constexpr std::string_view prefix = "Mcp-Param-";

// The largest integer up to which all are exact as numbers of JavaScript.
constexpr double safe_max = 9007199254740991;

bool is_number(std::string_view value) {
    return !value.empty() &&
           (value.front() == '-' || (value.front() >= '0' && value.front() <= '9'));
}

// The value of `text` if all of it is a number.
std::optional<double> number(std::string_view text) {
    double value = 0;
    const auto read = std::from_chars(text.begin(), text.end(), value);
    if (read.ec != std::errc() || read.ptr != text.end() || !std::isfinite(value)) return {};
    return value;
}

// "Convert to decimal string representation": 4.2e1 is 42. What has a fraction breaks the schema,
// and goes as it stands, for the server to refuse.
std::optional<std::string> number_text(std::string_view value) {
    const auto read = number(value);
    if (!read) return {};
    if (std::trunc(*read) != *read) return std::string(value);
    if (std::abs(*read) > safe_max) return {};
    return std::to_string(static_cast<std::int64_t>(*read));
}

// What a header says for the argument `value`; nothing when there must be none.
std::optional<std::string> text_of(std::string_view value) {
    if (value.starts_with('"')) return json::unquoted(value);
    if (value == "true" || value == "false") return std::string(value);
    return is_number(value) ? number_text(value) : std::nullopt;
}

// The value to which `path` leads; empty when it leads to none.
Result<std::string_view> value_at(
    std::string_view arguments, const std::vector<std::string>& path
) {
    auto value = arguments;
    for (const auto& name : path) {
        if (!value.starts_with('{')) return "";
        GW_TRY(const auto object, json::Object::parse(value));
        value = object[name];
    }
    return value;
}

// "42.0 and 42 are considered equal". `text` is what we would send for `value`.
bool says(std::string_view header, std::string_view value, std::string_view text) {
    if (header == text) return true;
    if (!is_number(value) || header.find_first_not_of("-.0123456789") != header.npos) return false;
    const auto sent = number(header);
    return sent && sent == number(value);
}

std::unexpected<Error> mismatch(const std::string& name, const std::string& why) {
    return fail(Errc::header_mismatch, name + why);
}

// "Client omits header but value is in body: Server MUST reject the request", and for values that
// are null or not there it "MUST NOT expect the header" (Server Behavior for Custom Headers).
Result<void> check_one(
    const std::string& name, std::string_view value, std::optional<std::string_view> sent
) {
    const auto decoded = decode_header_value(sent.value_or(""));
    if (!decoded) return mismatch(name, ": " + decoded.error().text);
    if (value.empty() || value == "null") return {};
    const auto text = text_of(value);
    // "Integer values MUST be within the safe range."
    if (!text && is_number(value)) {
        return mismatch(name, " mirrors an argument that has to be an integer of at most 2^53 - 1");
    }
    if (!text && !sent) return {};  // What has no form as a header breaks the schema anyway.
    if (!sent) return mismatch(name, " is missing; it mirrors an argument");
    if (text && says(*decoded, value, *text)) return {};
    return mismatch(name, " is not what the argument is that it mirrors");
}

}  // namespace

Result<std::vector<MirroredArgument>> mirror(
    const std::vector<MirrorRule>& rules, std::string_view arguments
) {
    std::vector<MirroredArgument> all;
    for (const auto& rule : rules) {
        GW_TRY(const auto value, value_at(arguments, rule.path));
        const auto text = text_of(value);
        if (!text) continue;
        all.push_back({std::string(prefix) + rule.header, encode_header_value(*text)});
    }
    return all;
}

void pass_unknown(
    std::vector<MirroredArgument>& all,
    const std::vector<MirrorRule>& rules,
    std::string_view name,
    std::string_view value
) {
    const auto size = prefix.size();
    if (name.size() <= size || !equal_ignoring_case(name.substr(0, size), prefix)) return;
    const auto is_it = [name = name.substr(size)](const MirrorRule& rule) {
        return equal_ignoring_case(rule.header, name);
    };
    if (std::ranges::any_of(rules, is_it)) return;
    all.push_back({std::string(name), std::string(value), true});
}

Result<void> check_mirrored(
    const std::vector<MirrorRule>& rules, std::string_view arguments, const HeaderLookup& header
) {
    for (const auto& rule : rules) {
        GW_TRY(const auto value, value_at(arguments, rule.path));
        const auto name = std::string(prefix) + rule.header;
        GW_DO(check_one(name, value, header(name)));
    }
    return {};
}

}  // namespace gw::mcp
