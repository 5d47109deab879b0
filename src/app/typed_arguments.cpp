#include "app/typed_arguments.hpp"

#include "base/json.hpp"
#include "base/json_scanner.hpp"

#include <set>

namespace gw::app {

namespace {

// Empty when `text` is not one JSON value.
std::string_view type_of(std::string_view text) {
    json::Scanner scanner(text);
    const auto value = scanner.value();
    if (value.empty() || !scanner.at_end()) return {};
    switch (value.front()) {
        case '"': return "string";
        case '{': return "object";
        case '[': return "array";
        case 't':
        case 'f': return "boolean";
        case 'n': return "null";
        default: return json::integer(value) ? "integer" : "number";
    }
}

// The types that a schema lets a value have; empty where it does not say.
using Types = std::set<std::string>;

constexpr std::size_t choices_max = 1000;

class Schema {
public:
    explicit Schema(std::string_view text) : root_(json::Object::parse(text)) {}

    Types types_of(const std::string& key) const {
        return root_ ? types(member((*root_)["properties"], key), 0) : Types();
    }

private:
    // References may lead in circles.
    static constexpr int depth_max = 8;

    static std::string_view member(std::string_view object, std::string_view name) {
        const auto parsed = json::Object::parse(object);
        return parsed ? (*parsed)[name] : std::string_view();
    }

    Types types(std::string_view text, int depth) const {
        const auto schema = json::Object::parse(text);
        if (!schema || depth > depth_max) return {};
        const auto type = (*schema)["type"];
        if (type.starts_with('"')) return {json::unquoted(type)};
        const auto name = [](std::string_view each) {
            return each.starts_with('"') ? json::unquoted(each) : std::string();
        };
        if (!type.empty()) return of_each(type, name);
        const auto kind = [](std::string_view each) { return std::string(type_of(each)); };
        if (const auto value = (*schema)["const"]; !value.empty()) return {kind(value)};
        if (const auto values = (*schema)["enum"]; !values.empty()) return of_each(values, kind);
        for (const auto* choice : {"anyOf", "oneOf"}) {
            const auto list = (*schema)[choice];
            if (!list.empty()) return of_choices(list, depth + 1);
        }
        return types(referred((*schema)["$ref"]), depth + 1);
    }

    template <typename Name>
    static Types of_each(std::string_view list, Name name) {
        Types found;
        const auto each = json::elements(list, choices_max);
        if (each) {
            for (const auto text : *each)
                found.insert(name(text));
        }
        return found.contains("") ? Types() : found;
    }

    Types of_choices(std::string_view list, int depth) const {
        Types all;
        const auto choices = json::elements(list, choices_max);
        if (!choices) return {};
        for (const auto choice : *choices) {
            auto found = types(choice, depth);
            if (found.empty()) return {};
            all.merge(found);
        }
        return all;
    }

    // Of "#/$defs/NAME", as the SDKs write it.
    std::string_view referred(std::string_view reference) const {
        constexpr std::string_view here = "#/$defs/";
        const auto path = reference.starts_with('"') ? json::unquoted(reference) : std::string();
        if (!path.starts_with(here)) return {};
        return member((*root_)["$defs"], path.substr(here.size()));
    }

    Result<json::Object> root_;
};

bool fits(const Types& types, std::string_view type) {
    // 1e3 may be an integer too; the tool will tell.
    const bool is_number = type == "integer" || type == "number";
    return types.contains(std::string(type)) ||
           (is_number && (types.contains("integer") || types.contains("number")));
}

std::string joined(const Types& types) {
    std::string text;
    for (const auto& type : types)
        text += (text.empty() ? "" : " or ") + type;
    return text;
}

Result<std::string> to_value(const std::string& key, std::string_view text, const Types& types) {
    const auto type = type_of(text);
    if (types.empty()) return type.empty() ? json::quoted(text) : std::string(text);
    if (!type.empty() && type != "string" && fits(types, type)) return std::string(text);
    if (types.contains("string")) return json::quoted(text);
    return fail(
        Errc::invalid_params, key + ": the tool takes a JSON value of type " + joined(types)
    );
}

}  // namespace

Result<std::string> to_arguments(const std::vector<std::string>& pairs, std::string_view schema) {
    const Schema types(schema);
    std::set<std::string> keys;
    std::string text;
    for (const auto& pair : pairs) {
        const auto equals = pair.find('=');
        if (equals == std::string::npos || equals == 0) {
            return fail(Errc::invalid_params, pair + ": expected KEY=VALUE");
        }
        const auto key = pair.substr(0, equals);
        if (!keys.insert(key).second) return fail(Errc::invalid_params, key + " is given twice");
        const auto given = std::string_view(pair).substr(equals + 1);
        GW_TRY(const auto value, to_value(key, given, types.types_of(key)));
        text += (text.empty() ? "{" : ",") + json::quoted(key) + ":" + value;
    }
    return text.empty() ? "{}" : text + "}";
}

}  // namespace gw::app
