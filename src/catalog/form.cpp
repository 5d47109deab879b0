#include "catalog/form.hpp"

#include "base/json.hpp"
#include "mcp/implementation.hpp"
#include "mcp/schema.hpp"

#include <algorithm>
#include <vector>

namespace gw::catalog {

namespace {

// An outputSchema that revisions before 2026-07-28 do not take as it is.
bool is_wrapped(std::string_view schema) {
    return schema.starts_with('{') && !mcp::is_object_schema(schema);
}

// The member that is not the same in `form`.
std::string_view changed_member(Form form) {
    return form == Form::stateless ? "execution" : "outputSchema";
}

// Where booleans are the schemas of properties in the member `name` of `tool`.
void add_boolean_schemas(
    std::string_view tool, std::string_view name, std::vector<std::string_view>& found
) {
    const auto object = json::Object::parse(tool);
    const auto schema = json::Object::parse((*object)[name]);
    const auto properties = json::Object::parse(schema ? (*schema)["properties"] : "");
    if (!properties) return;
    for (const auto& property : properties->members()) {
        if (property.value == "true" || property.value == "false") found.push_back(property.value);
    }
}

// JSON Schema 2020-12, core, 4.3.2: true is "{}", and false "{ not: {} }". The revisions with
// sessions, and clients of them, know only objects as the schemas of properties.
std::string with_object_schemas(std::string_view tool) {
    std::vector<std::string_view> booleans;
    add_boolean_schemas(tool, "inputSchema", booleans);
    add_boolean_schemas(tool, "outputSchema", booleans);
    std::ranges::sort(booleans, {}, &std::string_view::data);
    std::string text;
    for (const auto boolean : booleans) {
        const auto before = static_cast<std::size_t>(boolean.data() - tool.data());
        text.append(tool.substr(0, before)).append(boolean == "true" ? "{}" : R"({"not":{}})");
        tool.remove_prefix(before + boolean.size());
    }
    return text.append(tool);
}

}  // namespace

Form form_of(mcp::Revision revision) {
    const auto& has = mcp::features(revision);
    if (has.result_type) return Form::stateless;
    return has.structured_content ? Form::object_output_schema : Form::without_output_schema;
}

std::string tool_in_form(const std::string& original, Form form) {
    auto tool = form == Form::stateless ? original : with_object_schemas(original);
    const auto object = json::Object::parse(tool);
    const auto changed = changed_member(form);
    const auto old = (*object)[changed];
    const bool is_kept = form == Form::object_output_schema;
    if (old.empty() || (is_kept && !is_wrapped(old))) return tool;
    std::string text = "{";
    for (const auto& [name, value] : object->members()) {
        if (name == changed && !is_kept) continue;
        if (text.size() > 1) text += ',';
        text.append(json::quoted(name)).append(":");
        text.append(name == changed ? mcp::wrapped_schema(value) : value);
    }
    return text + "}";
}

bool has_wrapped_output(std::string_view tool) {
    const auto object = json::Object::parse(tool);
    return object && is_wrapped((*object)["outputSchema"]);
}

std::string page_begin(Form form) {
    if (form != Form::stateless) return "{";
    return R"({"resultType":"complete","_meta":{"io.modelcontextprotocol/serverInfo":)" +
           std::string(mcp::implementation) + "},";
}

std::string with_cache(std::string_view page, const mcp::Cache& cache) {
    std::string text =
        R"({"ttlMs":)" + std::to_string(cache.ttl_ms) +
        (cache.is_public ? R"(,"cacheScope":"public",)" : R"(,"cacheScope":"private",)");
    return text.append(page.substr(1));
}

}  // namespace gw::catalog
