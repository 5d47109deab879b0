#include "gateway/initialize.hpp"

#include "base/json.hpp"
#include "mcp/implementation.hpp"

namespace gw::gateway {

namespace {

std::string core_tasks(const catalog::CoreTasks& tasks) {
    std::string text = R"("tasks":{)";
    if (tasks.list) text += R"("list":{},)";
    if (tasks.cancel) text += R"("cancel":{},)";
    return text + R"("requests":{"tools":{"call":{}}}})";
}

}  // namespace

Result<session::Terms> parse_initialize(std::string_view params) {
    if (params.empty()) return fail(Errc::invalid_params, "initialize needs \"params\"");
    GW_TRY(const auto object, json::Object::parse(params));
    GW_TRY(const auto asked, object.string("protocolVersion"));
    GW_TRY(const auto capabilities, object.object("capabilities"));
    GW_TRY(std::ignore, object.object("clientInfo"));
    session::Terms terms;
    const auto revision = mcp::parse_revision(asked);
    // A stateless revision cannot be agreed on here.
    const bool is_possible = revision && features(*revision).sessions;
    terms.revision = is_possible ? *revision : mcp::newest_with_sessions;
    auto parsed = mcp::parse_capabilities(capabilities, terms.revision);
    if (!parsed) return fail(Errc::invalid_params, "\"capabilities\": " + parsed.error().text);
    terms.capabilities = *parsed;
    return terms;
}

std::string initialize_result(const catalog::View& view, const session::Terms& terms) {
    const auto& profile = view.profile();
    std::string text = R"({"protocolVersion":")" + std::string(to_string(terms.revision)) +
                       R"(","capabilities":{)";
    const auto has = [&profile](catalog::Kind kind) {
        return profile.has[static_cast<std::size_t>(kind)];
    };
    const auto add = [&text](std::string_view member) {
        if (text.back() != '{') text += ',';
        text += member;
    };
    // Only what can be delivered: without a session there is nowhere to send changes.
    const bool has_stream = !terms.id.empty();
    if (profile.has_logging) add(R"("logging":{})");
    if (profile.has_completions) add(R"("completions":{})");
    if (has(catalog::Kind::prompts)) {
        add(has_stream ? R"("prompts":{"listChanged":true})" : R"("prompts":{})");
    }
    if (has(catalog::Kind::resources)) {
        add(!has_stream             ? R"("resources":{})"
            : profile.has_subscribe ? R"("resources":{"subscribe":true,"listChanged":true})"
                                    : R"("resources":{"listChanged":true})");
    }
    if (has(catalog::Kind::tools)) {
        add(has_stream ? R"("tools":{"listChanged":true})" : R"("tools":{})");
    }
    if (has_stream && features(terms.revision).execution && profile.core_tasks.calls) {
        add(core_tasks(profile.core_tasks));
    }
    text.append(R"(},"serverInfo":)").append(mcp::implementation);
    if (!profile.instructions.empty()) {
        text += ",\"instructions\":" + json::quoted(profile.instructions);
    }
    return text + "}";
}

}  // namespace gw::gateway
