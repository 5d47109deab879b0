#include "base/ascii.hpp"
#include "base/json.hpp"
#include "mcp/impl/checked_text.hpp"
#include "mcp/impl/schema_keywords.hpp"
#include "mcp/mirrored.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace gw::mcp {

namespace {

constexpr std::string_view keyword = "x-mcp-header";
constexpr std::size_t rules_max = 100;  // Of a tool. Each is a header of every call.

// RFC 9110, 5.6.2: token = 1*tchar
bool is_token(std::string_view text) {
    constexpr std::string_view bytes =
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    return !text.empty() && text.find_first_not_of(bytes) == std::string_view::npos;
}

std::optional<MirrorRule::Type> type_of(std::string_view type) {
    if (type.empty()) return {};
    if (json::spells(type, "string")) return MirrorRule::Type::string;
    if (json::spells(type, "integer")) return MirrorRule::Type::integer;
    if (json::spells(type, "boolean")) return MirrorRule::Type::boolean;
    return {};
}

// Walks all of a schema, once. "Statically reachable via a chain consisting only of properties
// keys" is what an annotation must be; one that stands elsewhere makes the tool invalid. JSON that
// was checked is not deep, which bounds the recursion.
class Sweep {
public:
    explicit Sweep(std::string_view schema) : text_(schema) {}

    Result<std::vector<MirrorRule>> run() {
        schema(true);
        if (!outcome_) return std::unexpected(std::move(outcome_).error());
        return std::move(rules_);
    }

private:
    using Names = std::vector<std::string>;

    // `is_reachable`: by `properties` only.
    void schema(bool is_reachable) {
        if (text_.peek() == '[') return text_.elements([this] { schema(false); });
        if (text_.peek() != '{') {
            text_.value();
            return;
        }
        Names names;
        std::string_view header;  // As JSON, and so is the type; empty: there is none.
        std::string_view type;
        text_.members([&](std::string_view quoted) {
            const auto& name = names.emplace_back(json::unquoted(quoted));
            const bool is_string = text_.peek() == '"';
            if (name == keyword) {
                header = text_.value();
            } else if (name == "type" && is_string) {
                type = text_.value();
            } else if (impl::is_data_keyword(name)) {
                text_.value();
            } else if (impl::is_map_keyword(name)) {
                map(is_reachable && name == "properties");
            } else {
                schema(false);
            }
        });
        check_names(std::move(names));
        if (!header.empty()) annotation(header, type, is_reachable);
    }

    void map(bool is_reachable) {
        if (text_.peek() != '{') {
            text_.value();
            return;
        }
        Names names;
        text_.members([&](std::string_view quoted) {
            path_.push_back(names.emplace_back(json::unquoted(quoted)));
            schema(is_reachable);
            path_.pop_back();
        });
        check_names(std::move(names));
    }

    // Readers differ in which of two they take.
    void check_names(Names names) {
        std::ranges::sort(names);
        const auto found = std::ranges::adjacent_find(names);
        if (found != names.end()) refuse(json::quoted(*found) + " stands twice");
    }

    void annotation(std::string_view header, std::string_view type, bool is_reachable) {
        if (!is_reachable || path_.empty()) return invalid("is not on a property of the arguments");
        const auto name = header.starts_with('"') ? json::unquoted(header) : std::string();
        if (!is_token(name)) return invalid("is not a valid header name");
        const auto known = type_of(type);
        if (!known) return invalid("needs the type string, integer or boolean");
        if (!taken_.insert(to_lower(name)).second) {
            return invalid("uses the header name of another property");
        }
        if (rules_.size() == rules_max) return invalid("is one too many: no request has so many");
        rules_.push_back({name, path_, *known});
    }

    void invalid(std::string_view why) {
        std::string where = "inputSchema";
        for (const auto& name : path_)
            where += '.' + name;
        refuse(std::string(keyword) + " of " + where + ' ' + std::string(why));
    }

    // The first reason counts.
    void refuse(std::string why) {
        if (outcome_) outcome_ = fail(Errc::invalid_params, std::move(why));
    }

    impl::CheckedText text_;
    std::vector<std::string> path_;
    std::set<std::string> taken_;  // Names of headers.
    std::vector<MirrorRule> rules_;
    Result<void> outcome_;
};

}  // namespace

Result<std::vector<MirrorRule>> mirror_rules(std::string_view tool) {
    // Hardly any tool has one, and few have escapes that could hide one.
    if (!tool.contains(keyword) && !tool.contains("\\u")) return {};
    GW_TRY(const auto object, json::Object::parse(tool));
    return Sweep(object["inputSchema"]).run();
}

}  // namespace gw::mcp
