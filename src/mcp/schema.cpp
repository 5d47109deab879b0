#include "mcp/schema.hpp"

#include "base/json.hpp"
#include "mcp/impl/members.hpp"
#include "mcp/impl/schema_keywords.hpp"

namespace gw::mcp {

namespace {

// What a schema is written again without and with.
struct Edits {
    std::string_view dropped;  // A keyword that goes.
    std::string_view base;     // Where the root of the schema has moved; empty: nowhere.
};

std::string_view value_of(std::string_view schema, std::string_view keyword) {
    std::string_view value;
    impl::for_each_member(schema, [&](const impl::Member& member) {
        if (member.name == keyword) value = member.value;
    });
    return value;
}

// "#" and "#/..." are places in the schema; "#name" is an anchor, which moves with it.
std::string rebased(std::string_view reference, std::string_view base) {
    if (!reference.starts_with('"')) return std::string(reference);
    const auto text = json::unquoted(reference);
    if (text != "#" && !text.starts_with("#/")) return std::string(reference);
    return json::quoted("#" + std::string(base) + text.substr(1));
}

// JSON Schema 2020-12, core, 8.2.1: references below an $id are relative to it. In draft 7 and
// before one that is only a fragment was an anchor.
bool has_own_root(std::string_view schema) {
    const auto id = value_of(schema, "$id");
    return id.starts_with('"') && !json::unquoted(id).starts_with('#');
}

std::string edited(std::string_view schema, Edits edits);

std::string edited_array(std::string_view array, Edits edits) {
    std::string text = "[";
    const auto elements = json::elements(array, array.size());
    for (const auto element : *elements) {
        if (text.size() > 1) text += ',';
        text += edited(element, edits);
    }
    return text + "]";
}

std::string edited_map(std::string_view map, Edits edits) {
    if (!map.starts_with('{')) return std::string(map);
    impl::ObjectText text(map.size());
    impl::for_each_member(map, [&](const impl::Member& member) {
        text.add(member.quoted, edited(member.value, edits));
    });
    return std::move(text).str();
}

std::string edited_value(const impl::Member& member, Edits edits) {
    if (impl::is_data_keyword(member.name)) return std::string(member.value);
    if (impl::is_map_keyword(member.name)) return edited_map(member.value, edits);
    const bool is_reference = member.name == "$ref" || member.name == "$dynamicRef";
    if (is_reference && !edits.base.empty()) return rebased(member.value, edits.base);
    return edited(member.value, edits);
}

// JSON that was checked is not deep, which bounds the recursion.
std::string edited(std::string_view schema, Edits edits) {
    if (schema.starts_with('[')) return edited_array(schema, edits);
    if (!schema.starts_with('{')) return std::string(schema);
    if (!edits.base.empty() && has_own_root(schema)) edits.base = {};
    impl::ObjectText text(schema.size());
    impl::for_each_member(schema, [&](const impl::Member& member) {
        if (member.name != edits.dropped) text.add(member.quoted, edited_value(member, edits));
    });
    return std::move(text).str();
}

}  // namespace

bool is_object_schema(std::string_view schema) {
    const auto type = value_of(schema, "type");
    return type.starts_with('"') && json::spells(type, "object");
}

std::string wrapped_schema(std::string_view schema) {
    impl::ObjectText text(schema.size() + 100);
    Edits edits{.dropped = {}, .base = "/properties/result"};
    // The dialect is said at a root, and the root is ours now.
    const auto dialect = value_of(schema, "$schema");
    if (!dialect.empty() && !has_own_root(schema)) {
        text.add(R"("$schema")", dialect);
        edits.dropped = "$schema";
    }
    impl::ObjectText properties;
    properties.add(R"("result")", edited(schema, edits));
    text.add(R"("type")", R"("object")");
    text.add(R"("properties")", std::move(properties).str());
    text.add(R"("required")", R"(["result"])");
    return std::move(text).str();
}

std::string without_mirror_rules(std::string_view tool) {
    impl::ObjectText text(tool.size());
    impl::for_each_member(tool, [&](const impl::Member& member) {
        const bool is_schema = member.name == "inputSchema";
        text.add(
            member.quoted,
            is_schema ? edited(member.value, {.dropped = "x-mcp-header", .base = {}})
                      : std::string(member.value)
        );
    });
    return std::move(text).str();
}

}  // namespace gw::mcp
