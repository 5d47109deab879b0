#include "gateway/initialize.hpp"

#include "base/json.hpp"
#include "gateway/offer.hpp"
#include "mcp/implementation.hpp"
#include "mcp/route.hpp"

namespace gw::gateway {

Result<Agreed> parse_initialize(std::string_view params) {
    if (params.empty()) return fail(Errc::invalid_params, "initialize needs \"params\"");
    GW_TRY(const auto object, json::Object::parse(params));
    GW_TRY(const auto asked, object.string("protocolVersion"));
    GW_TRY(const auto capabilities, object.object("capabilities"));
    GW_TRY(std::ignore, object.object("clientInfo"));
    Agreed agreed;
    auto& terms = agreed.terms;
    const auto revision = mcp::parse_revision(asked);
    // A stateless revision cannot be agreed on here.
    const bool is_possible = revision && features(*revision).sessions;
    terms.revision = is_possible ? *revision : mcp::newest_with_sessions;
    agreed.version = is_possible ? asked : to_string(terms.revision);
    auto parsed = mcp::parse_capabilities(capabilities, terms.revision);
    if (!parsed) return fail(Errc::invalid_params, "\"capabilities\": " + parsed.error().text);
    terms.capabilities = *parsed;
    return agreed;
}

std::string initialize_result(
    const catalog::VisibleView& view, const session::Terms& terms, std::string_view version
) {
    std::string text = R"({"protocolVersion":")" + std::string(version) + R"(","capabilities":)" +
                       offered(view, terms) + R"(,"serverInfo":)" +
                       std::string(mcp::implementation);
    if (const auto instructions = view.instructions(); !instructions.empty()) {
        text += ",\"instructions\":" + json::quoted(instructions);
    }
    return text + mcp::meta_member(view.instances()) + "}";
}

}  // namespace gw::gateway
