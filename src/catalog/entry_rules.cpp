#include "catalog/entry_rules.hpp"

#include "base/json.hpp"
#include "base/json_scanner.hpp"
#include "catalog/strict_texts.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <charconv>
#include <cstdint>

namespace gw::catalog {

namespace {

// The objects that have rules.
enum class Shape : std::uint8_t {
    tool,
    prompt,
    resource,
    resource_template,
    input_schema,
    output_schema,
    tool_annotations,
    tool_execution,
    prompt_argument,
    icon,
    annotations,
    any,
};

enum class Type : std::uint8_t {
    string,
    boolean,
    integer,
    zero_to_one,
    timestamp,
    uri,
    object,
    schemas,  // By name: objects, or the booleans that JSON Schema has for "anything" and
              // "nothing".
    strings,
    objects,
    roles,
    type_object,
    task_support,
    theme,
};

// What becomes of an object in which the member is not what it has to be.
enum class Presence : std::uint8_t {
    optional,  // It stays, without the member.
    kept,      // It is of no use, as without the member it would mean something else.
    required,  // It is of no use, and neither is one that has not the member.
};

struct Rule {
    Shape in;
    std::string_view member;
    Type type;
    Presence presence = Presence::optional;
    Shape of = Shape::any;  // What the object is, or each of the objects.
};

using enum Presence;

// What the schema requires, of all revisions together, as far as stock clients insist on it. What
// they let pass stays: an argument's title that is no string, say.
constexpr std::array rules{
    Rule{Shape::tool, "name", Type::string, required},
    Rule{Shape::tool, "title", Type::string},
    Rule{Shape::tool, "description", Type::string},
    Rule{Shape::tool, "inputSchema", Type::object, required, Shape::input_schema},
    Rule{Shape::tool, "outputSchema", Type::object, optional, Shape::output_schema},
    Rule{Shape::tool, "annotations", Type::object, optional, Shape::tool_annotations},
    Rule{Shape::tool, "execution", Type::object, optional, Shape::tool_execution},
    Rule{Shape::tool, "icons", Type::objects, optional, Shape::icon},
    Rule{Shape::tool, "_meta", Type::object},

    Rule{Shape::input_schema, "type", Type::type_object, required},
    Rule{Shape::input_schema, "$schema", Type::string, kept},
    Rule{Shape::input_schema, "properties", Type::schemas, kept},
    Rule{Shape::input_schema, "required", Type::strings, kept},

    // Its type may be any: revisions that know only objects get it wrapped in one.
    Rule{Shape::output_schema, "$schema", Type::string, kept},
    Rule{Shape::output_schema, "properties", Type::schemas, kept},
    Rule{Shape::output_schema, "required", Type::strings, kept},

    Rule{Shape::tool_annotations, "title", Type::string},
    Rule{Shape::tool_annotations, "readOnlyHint", Type::boolean},
    Rule{Shape::tool_annotations, "destructiveHint", Type::boolean},
    Rule{Shape::tool_annotations, "idempotentHint", Type::boolean},
    Rule{Shape::tool_annotations, "openWorldHint", Type::boolean},

    Rule{Shape::tool_execution, "taskSupport", Type::task_support},

    Rule{Shape::prompt, "name", Type::string, required},
    Rule{Shape::prompt, "title", Type::string},
    Rule{Shape::prompt, "description", Type::string},
    Rule{Shape::prompt, "arguments", Type::objects, optional, Shape::prompt_argument},
    Rule{Shape::prompt, "icons", Type::objects, optional, Shape::icon},
    Rule{Shape::prompt, "_meta", Type::object},

    Rule{Shape::prompt_argument, "name", Type::string, required},
    Rule{Shape::prompt_argument, "description", Type::string},
    Rule{Shape::prompt_argument, "required", Type::boolean},

    Rule{Shape::resource, "uri", Type::uri, required},
    Rule{Shape::resource, "name", Type::string, required},
    Rule{Shape::resource, "title", Type::string},
    Rule{Shape::resource, "description", Type::string},
    Rule{Shape::resource, "mimeType", Type::string},
    Rule{Shape::resource, "size", Type::integer},
    Rule{Shape::resource, "annotations", Type::object, optional, Shape::annotations},
    Rule{Shape::resource, "icons", Type::objects, optional, Shape::icon},
    Rule{Shape::resource, "_meta", Type::object},

    Rule{Shape::resource_template, "uriTemplate", Type::string, required},
    Rule{Shape::resource_template, "name", Type::string, required},
    Rule{Shape::resource_template, "title", Type::string},
    Rule{Shape::resource_template, "description", Type::string},
    Rule{Shape::resource_template, "mimeType", Type::string},
    Rule{Shape::resource_template, "annotations", Type::object, optional, Shape::annotations},
    Rule{Shape::resource_template, "icons", Type::objects, optional, Shape::icon},
    Rule{Shape::resource_template, "_meta", Type::object},

    Rule{Shape::annotations, "audience", Type::roles},
    Rule{Shape::annotations, "priority", Type::zero_to_one},
    Rule{Shape::annotations, "lastModified", Type::timestamp},

    Rule{Shape::icon, "src", Type::string, required},
    Rule{Shape::icon, "mimeType", Type::string},
    Rule{Shape::icon, "sizes", Type::strings},
    Rule{Shape::icon, "theme", Type::theme},
};

constexpr std::array<Shape, kind_count> shapes{
    Shape::tool, Shape::prompt, Shape::resource, Shape::resource_template
};

bool is_string(std::string_view value) {
    return value.starts_with('"');
}

bool is_object(std::string_view value) {
    return value.starts_with('{');
}

bool is_boolean(std::string_view value) {
    return value == "true" || value == "false";
}

bool is_zero_to_one(std::string_view value) {
    double number = -1;
    const auto read = std::from_chars(value.begin(), value.end(), number);
    return read.ec == std::errc() && read.ptr == value.end() && number >= 0 && number <= 1;
}

bool is_one_of(std::string_view value, std::initializer_list<std::string_view> words) {
    return is_string(value) && std::ranges::any_of(words, [&](std::string_view word) {
               return json::spells(value, word);
           });
}

// Whether `value` is an array, and `fits` says so of all that is in it.
template <typename Fits>
bool each(std::string_view value, Fits fits) {
    const auto all = json::elements(value, value.size());
    return all && std::ranges::all_of(*all, fits);
}

// The same for an object, in which names may stand twice: fits(name, value).
template <typename Fits>
bool each_member(std::string_view object, Fits fits) {
    json::Scanner scanner(object);
    if (!scanner.enter('{')) return false;
    if (scanner.leave('}')) return true;
    do {
        const auto name = scanner.name();
        if (!fits(name, scanner.value())) return false;
    } while (scanner.take(','));
    return true;
}

bool fits_shape(Shape shape, std::string_view object);

bool fits(const Rule& rule, std::string_view value) {
    switch (rule.type) {
        case Type::string: return is_string(value);
        case Type::boolean: return is_boolean(value);
        case Type::integer: return is_integer(value);
        case Type::zero_to_one: return is_zero_to_one(value);
        case Type::timestamp: return is_string(value) && is_timestamp(json::unquoted(value));
        case Type::uri: return is_string(value) && is_uri(json::unquoted(value));
        case Type::object: return fits_shape(rule.of, value);
        case Type::schemas:
            return each_member(value, [](std::string_view, std::string_view schema) {
                return is_object(schema) || is_boolean(schema);
            });
        case Type::strings: return each(value, is_string);
        case Type::objects:
            return each(value, [&](std::string_view one) { return fits_shape(rule.of, one); });
        case Type::roles:
            return each(value, [](auto one) { return is_one_of(one, {"user", "assistant"}); });
        case Type::type_object: return is_one_of(value, {"object"});
        case Type::task_support: return is_one_of(value, {"required", "optional", "forbidden"});
        case Type::theme: return is_one_of(value, {"light", "dark"});
    }
    return false;
}

const Rule* find_rule(Shape shape, std::string_view name) {
    const auto* const rule = std::ranges::find_if(rules, [&](const Rule& each) {
        return each.in == shape && json::spells(name, each.member);
    });
    return rule == rules.end() ? nullptr : rule;
}

// True when `object` has all that its rules require.
bool is_whole(Shape shape, const std::bitset<rules.size()>& has) {
    for (std::size_t i = 0; i < rules.size(); ++i) {
        if (rules[i].in == shape && rules[i].presence == required && !has.test(i)) return false;
    }
    return true;
}

bool fits_shape(Shape shape, std::string_view object) {
    if (!is_object(object)) return false;
    std::bitset<rules.size()> has;
    const bool fits_all = each_member(object, [&](std::string_view name, std::string_view value) {
        const auto* const rule = find_rule(shape, name);
        if (rule == nullptr) return true;
        has.set(static_cast<std::size_t>(rule - rules.begin()));
        return fits(*rule, value);
    });
    return fits_all && is_whole(shape, has);
}

// What of a value, or an object, clients can read; nothing when that is of no use.
std::optional<std::string> mended(Shape shape, std::string_view object);

std::optional<std::string> mended(const Rule& rule, std::string_view value) {
    if (fits(rule, value)) return std::string(value);
    if (rule.type == Type::object) return mended(rule.of, value);
    if (rule.type != Type::objects) return {};
    std::string text = "[";
    const bool is_array = each(value, [&](std::string_view one) {
        const auto rest = mended(rule.of, one);
        if (rest) text.append(text.size() > 1 ? "," : "").append(*rest);
        return true;
    });
    if (!is_array) return {};
    return text + "]";
}

std::optional<std::string> mended(Shape shape, std::string_view object) {
    if (!is_object(object)) return {};
    std::bitset<rules.size()> has;
    std::string text = "{";
    const bool is_usable = each_member(object, [&](std::string_view name, std::string_view value) {
        const auto* const rule = find_rule(shape, name);
        const auto rest = rule == nullptr ? std::string(value) : mended(*rule, value);
        if (!rest) {
            const bool may_go = rule->presence == kept && value == "null";
            return rule->presence == optional || may_go;
        }
        if (rule != nullptr) has.set(static_cast<std::size_t>(rule - rules.begin()));
        text.append(text.size() > 1 ? "," : "").append(name).append(":").append(*rest);
        return true;
    });
    if (!is_usable || !is_whole(shape, has)) return {};
    return text + "}";
}

}  // namespace

std::optional<std::string> readable(Kind kind, std::string_view entry) {
    const auto shape = shapes.at(static_cast<std::size_t>(kind));
    if (fits_shape(shape, entry)) return std::string(entry);  // Nearly all do.
    return mended(shape, entry);
}

std::string why_unreadable(Kind kind, std::string_view entry) {
    const auto shape = shapes.at(static_cast<std::size_t>(kind));
    std::string wrong;
    each_member(entry, [&](std::string_view name, std::string_view value) {
        const auto* const rule = find_rule(shape, name);
        if (rule == nullptr || rule->presence != required || mended(*rule, value)) return true;
        wrong = rule->member;
        return false;
    });
    if (!wrong.empty()) return "its \"" + wrong + "\" is not what the protocol says";
    return "it lacks a member that the protocol requires";
}

}  // namespace gw::catalog
