#include "base/ascii.hpp"
#include "base/json.hpp"
#include "mcp/impl/schema_keywords.hpp"
#include "mcp/mirrored.hpp"

#include <algorithm>
#include <utility>

namespace gw::mcp {

namespace {

constexpr std::string_view keyword = "x-mcp-header";

// RFC 9110, 5.6.2: token = 1*tchar
bool is_token(std::string_view text) {
    constexpr std::string_view bytes =
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    return !text.empty() && text.find_first_not_of(bytes) == std::string_view::npos;
}

std::optional<MirrorRule::Type> type_of(const json::Object& schema) {
    const auto type = schema.string("type").value_or("");
    if (type == "string") return MirrorRule::Type::string;
    if (type == "integer") return MirrorRule::Type::integer;
    if (type == "boolean") return MirrorRule::Type::boolean;
    return {};
}

// Walks all of a schema. "Statically reachable via a chain consisting only of properties keys" is
// what an annotation must be; one that stands elsewhere makes the tool invalid. JSON that was
// checked is not deep, which bounds the recursion.
class Sweep {
public:
    // `is_reachable`: by `properties` only.
    Result<void> schema(std::string_view text, bool is_reachable) {
        if (text.starts_with('[')) return schemas(text);
        if (!text.starts_with('{')) return {};
        GW_TRY(const auto object, json::Object::parse(text));
        GW_DO(annotation(object, is_reachable));
        for (const auto& [name, value] : object.members()) {
            if (impl::is_data_keyword(name)) continue;
            GW_DO(
                impl::is_map_keyword(name) ? map(value, is_reachable && name == "properties")
                                           : schema(value, false)
            );
        }
        return {};
    }

    std::vector<MirrorRule> rules;

private:
    Result<void> schemas(std::string_view array) {
        GW_TRY(const auto all, json::elements(array, array.size()));
        for (const auto one : all) {
            GW_DO(schema(one, false));
        }
        return {};
    }

    Result<void> map(std::string_view text, bool is_reachable) {
        if (!text.starts_with('{')) return {};
        GW_TRY(const auto object, json::Object::parse(text));
        for (const auto& [name, value] : object.members()) {
            path_.push_back(name);
            GW_DO(schema(value, is_reachable));
            path_.pop_back();
        }
        return {};
    }

    Result<void> annotation(const json::Object& schema, bool is_reachable) {
        if (schema[keyword].empty()) return {};
        if (!is_reachable || path_.empty()) return invalid("is not on a property of the arguments");
        const auto header = schema.string(keyword);
        if (!header || !is_token(*header)) return invalid("is not a valid header name");
        const auto type = type_of(schema);
        if (!type) return invalid("needs the type string, integer or boolean");
        const bool is_new = std::ranges::none_of(rules, [&](const MirrorRule& rule) {
            return equal_ignoring_case(rule.header, *header);
        });
        if (!is_new) return invalid("uses the header name of another property");
        rules.push_back({*header, path_, *type});
        return {};
    }

    std::unexpected<Error> invalid(std::string_view why) const {
        std::string where = "inputSchema";
        for (const auto& name : path_)
            where += '.' + name;
        return fail(
            Errc::invalid_params, std::string(keyword) + " of " + where + ' ' + std::string(why)
        );
    }

    std::vector<std::string> path_;
};

}  // namespace

Result<std::vector<MirrorRule>> mirror_rules(std::string_view tool) {
    // Hardly any tool has one, and few have escapes that could hide one.
    if (!tool.contains(keyword) && !tool.contains("\\u")) return {};
    GW_TRY(const auto object, json::Object::parse(tool));
    Sweep sweep;
    const auto outcome = sweep.schema(object["inputSchema"], true);
    if (!outcome) return fail(Errc::invalid_params, outcome.error().text);
    return std::move(sweep.rules);
}

}  // namespace gw::mcp
