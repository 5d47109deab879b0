#include "gateway/downgrade.hpp"

#include "base/json.hpp"

#include <string>

namespace gw::gateway {

namespace {

constexpr std::size_t contents_max = 100'000;

std::string text_content(std::string_view text) {
    return R"({"type":"text","text":)" + json::quoted(text) + "}";
}

// `block` as it stands, or as text if it is a link.
std::string without_link(std::string_view block) {
    const auto object = json::Object::parse(block);
    if (!object || (*object)["type"] != R"("resource_link")") return std::string(block);
    const auto uri = object->string("uri").value_or("");
    const auto name = object->string("name").value_or("");
    return text_content(name.empty() ? uri : name + ": " + uri);
}

std::string without_links(std::string_view content, std::string_view structured) {
    const auto blocks = json::elements(content, contents_max);
    if (!blocks) return std::string(content);
    std::string text = "[";
    for (const auto block : *blocks) {
        if (text.size() > 1) text += ',';
        text += without_link(block);
    }
    // The text block that should have come with it (server/tools, Structured Content).
    if (blocks->empty() && !structured.empty()) text += text_content(structured);
    return text + "]";
}

// A tools/call result, member by member.
std::string tool_result(const json::Object& result) {
    std::string text = "{";
    bool has_content = false;
    for (const auto& [name, value] : result.members()) {
        if (name == "structuredContent") continue;
        if (text.size() > 1) text += ',';
        text.append(json::quoted(name)).append(":");
        has_content = has_content || name == "content";
        text += name == "content" ? without_links(value, result["structuredContent"])
                                  : std::string(value);
    }
    if (!has_content) {
        if (text.size() > 1) text += ',';
        text += "\"content\":" + without_links("[]", result["structuredContent"]);
    }
    return text + "}";
}

// A prompts/get result: each message has one block.
std::string prompt_result(const json::Object& result) {
    std::string text = "{";
    for (const auto& [name, value] : result.members()) {
        if (text.size() > 1) text += ',';
        text.append(json::quoted(name)).append(":");
        const auto messages = name == "messages" ? json::elements(value, contents_max)
                                                 : Result<std::vector<std::string_view>>();
        if (name != "messages" || !messages) {
            text += value;
            continue;
        }
        text += '[';
        for (const auto message : *messages) {
            if (text.back() != '[') text += ',';
            const auto object = json::Object::parse(message);
            const auto content = object ? (*object)["content"] : std::string_view();
            if (content.empty()) {
                text += message;
                continue;
            }
            const auto at = static_cast<std::size_t>(content.data() - message.data());
            text.append(message.substr(0, at)).append(without_link(content));
            text.append(message.substr(at + content.size()));
        }
        text += ']';
    }
    return text + "}";
}

}  // namespace

bool needs_downgrade(mcp::Revision revision) {
    return !mcp::features(revision).resource_links || !mcp::features(revision).structured_content;
}

void downgrade(mcp::Answer& answer, std::string_view method, mcp::Revision revision) {
    auto* completed = std::get_if<mcp::Completed>(&answer);
    if (completed == nullptr || !needs_downgrade(revision)) return;
    if (method != "tools/call" && method != "prompts/get") return;
    const auto result = json::Object::parse(completed->result.view());
    if (!result) return;
    if (method == "prompts/get") {
        if (!(*result)["messages"].contains("resource_link")) return;
        completed->result = Slice(prompt_result(*result));
        return;
    }
    const bool has_link = (*result)["content"].contains("resource_link");
    if (!has_link && (*result)["structuredContent"].empty()) return;
    completed->result = Slice(tool_result(*result));
}

}  // namespace gw::gateway
