#include "mcp/impl/asked_form.hpp"

#include "base/json.hpp"
#include "mcp/impl/members.hpp"

#include <utility>
#include <vector>

namespace gw::mcp::impl {

namespace {

constexpr std::size_t items_max = 100'000;

void append(std::string& array, std::string_view value) {
    array.append(array.size() > 1 ? "," : "").append(value);
}

// The values and the titles of `[{"const": ..., "title": ...}, ...]`.
Result<void> add_titled(ObjectText& text, std::string_view choices) {
    GW_TRY(const auto all, json::elements(choices, items_max));
    std::string values = "[";
    std::string titles = "[";
    for (const auto choice : all) {
        GW_TRY(const auto object, json::Object::parse(choice));
        GW_TRY(const auto value, object.string("const"));
        append(values, json::quoted(value));
        append(titles, json::quoted(object.string("title").value_or(value)));
    }
    text.add(R"("enum")", values + "]").add(R"("enumNames")", titles + "]");
    return {};
}

// One field; empty when it cannot be asked.
Result<std::string> to_plain_field(std::string_view field) {
    GW_TRY(const auto object, json::Object::parse(field));
    if (object.string("type").value_or("") == "array") return "";
    if (object["oneOf"].empty()) return std::string(field);
    ObjectText text(field.size());
    for (const auto& [name, value] : object.members()) {
        if (name == "oneOf") {
            GW_DO(add_titled(text, value));
        } else {
            text.add(json::quoted(name), value);
        }
    }
    return std::move(text).str();
}

// The blocks of one message, each as a message of its own; false when one is about tools.
Result<bool> add_single(std::string& messages, std::string_view message) {
    GW_TRY(const auto object, json::Object::parse(message));
    const auto content = object["content"];
    std::vector<std::string_view> blocks{content};
    if (content.starts_with('[')) {
        GW_TRY(blocks, json::elements(content, items_max));
    }
    for (const auto block : blocks) {
        GW_TRY(const auto parsed, json::Object::parse(block));
        const auto type = parsed.string("type").value_or("");
        if (type == "tool_use" || type == "tool_result") return false;
        const auto at = static_cast<std::size_t>(content.data() - message.data());
        append(messages, message.substr(0, at));
        messages.append(block).append(message.substr(at + content.size()));
    }
    return true;
}

}  // namespace

Result<std::string> to_plain_form(std::string_view schema) {
    GW_TRY(const auto object, json::Object::parse(schema));
    GW_TRY(const auto properties, object.object("properties"));
    GW_TRY(const auto fields, json::Object::parse(properties));
    ObjectText changed(properties.size());
    for (const auto& [name, value] : fields.members()) {
        GW_TRY(const auto field, to_plain_field(value));
        if (field.empty()) return "";
        changed.add(json::quoted(name), field);
    }
    const auto plain = std::move(changed).str();
    ObjectText text(schema.size());
    for (const auto& [name, value] : object.members()) {
        text.add(json::quoted(name), name == "properties" ? plain : value);
    }
    return std::move(text).str();
}

Result<std::string> to_single_contents(std::string_view messages) {
    GW_TRY(const auto all, json::elements(messages, items_max));
    std::string text = "[";
    for (const auto message : all) {
        GW_TRY(const auto can_be_said, add_single(text, message));
        if (!can_be_said) return "";
    }
    return text + "]";
}

}  // namespace gw::mcp::impl
