#include "mcp/mirrored.hpp"

#include "base/ascii.hpp"
#include "base/json.hpp"
#include "mcp/impl/checked_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <span>

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

// Finds the values to which the paths of all rules lead, in one pass over the arguments.
class Lookup {
public:
    Lookup(const std::vector<MirrorRule>& rules, std::string_view arguments)
        : rules_(rules), arguments_(arguments), text_(arguments), values_(rules.size()) {}

    // One for each rule; empty when its path leads to none. Of an array or object it is only known
    // that it is one.
    Result<std::vector<std::string_view>> run() {
        if (rules_.empty()) return std::move(values_);
        std::vector<std::size_t> order;
        order.reserve(rules_.size());
        for (std::size_t i = 0; i < rules_.size(); ++i)
            order.push_back(i);
        std::ranges::sort(order, {}, [this](std::size_t rule) -> const Path& {
            return path(rule);
        });
        value(order, 0);
        if (twice_.empty()) return std::move(values_);
        return fail(Errc::invalid_request, json::quoted(twice_) + " stands twice");
    }

private:
    using Path = std::vector<std::string>;
    using Rules = std::span<const std::size_t>;  // In the order of their paths.

    const Path& path(std::size_t rule) const { return rules_[rule].path; }

    // The value to which the first `level` names of all these lead comes next. The paths of a
    // schema are not deep, which bounds the recursion.
    void value(Rules rules, std::size_t level) {
        const bool is_object = text_.peek() == '{';
        const auto begin = text_.position();
        const auto longer = std::ranges::find_if(rules, [&](std::size_t rule) {
            return path(rule).size() > level;
        });
        const Rules inside(longer, rules.end());
        auto found = std::string_view();
        if (is_object && !inside.empty()) {
            members(inside, level);
            found = arguments_.substr(begin, 1);
        } else {
            found = text_.value();
        }
        for (const auto rule : Rules(rules.begin(), longer))
            values_[rule] = found;
    }

    void members(Rules rules, std::size_t level) {
        std::vector<std::size_t> seen;  // The first rule of each name.
        text_.members([&](std::string_view quoted) {
            const bool is_plain = !quoted.contains('\\');
            const auto name = is_plain ? std::string(quoted.substr(1, quoted.size() - 2))
                                       : json::unquoted(quoted);
            const auto of_name = std::ranges::equal_range(
                rules,
                name,
                {},
                [&](std::size_t rule) -> const std::string& { return path(rule)[level]; }
            );
            const Rules found(of_name.begin(), of_name.end());
            const bool is_again =
                !found.empty() && std::ranges::find(seen, found.front()) != seen.end();
            if (is_again) twice_ = name;
            if (found.empty() || is_again) {
                text_.value();
                return;
            }
            seen.push_back(found.front());
            value(found, level + 1);
        });
    }

    const std::vector<MirrorRule>& rules_;
    std::string_view arguments_;
    impl::CheckedText text_;
    std::vector<std::string_view> values_;
    std::string twice_;
};

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
    GW_TRY(const auto values, Lookup(rules, arguments).run());
    for (std::size_t i = 0; i < rules.size(); ++i) {
        const auto text = text_of(values[i]);
        if (!text) continue;
        all.push_back({std::string(prefix) + rules[i].header, encode_header_value(*text)});
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
    GW_TRY(const auto values, Lookup(rules, arguments).run());
    for (std::size_t i = 0; i < rules.size(); ++i) {
        const auto name = std::string(prefix) + rules[i].header;
        GW_DO(check_one(name, values[i], header(name)));
    }
    return {};
}

}  // namespace gw::mcp
