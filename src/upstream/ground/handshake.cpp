#include "upstream/ground/handshake.hpp"

#include "base/json.hpp"
#include "mcp/revision.hpp"

#include <algorithm>
#include <utility>

namespace gw::upstream {

namespace {

constexpr std::size_t shown_max = 100;  // Bytes of what is no revision, in the log.

bool is_spoken(std::string_view revision) {
    const auto known = mcp::parse_revision(revision);
    return known && mcp::features(*known).sessions;
}

}  // namespace

Result<std::string> parse_agreed_revision(std::string_view result) {
    const auto object = json::Object::parse(result);
    if (!object)
        return fail(Errc::upstream_failed, "upstream sent an invalid answer to initialize");
    auto revision = object->string("protocolVersion");
    if (!revision)
        return fail(Errc::upstream_failed, "upstream sent an invalid answer to initialize");
    if (is_spoken(*revision)) return revision;
    return fail(
        Errc::upstream_failed,
        "upstream uses a protocol revision that the gateway does not support",
        json::quoted(revision->substr(0, shown_max))
    );
}

Result<void> check_initialized(const Result<mcp::Answer>& answer) {
    if (!answer) return std::unexpected(answer.error());
    if (const auto* completed = std::get_if<mcp::Completed>(&*answer)) {
        GW_DO(parse_agreed_revision(completed->result.view()));
        return {};
    }
    const auto* refused = std::get_if<mcp::Refused>(&*answer);
    return fail(
        Errc::upstream_failed,
        "upstream refused to initialize",
        std::string(refused != nullptr ? refused->error.view() : "")
    );
}

Result<std::string> parse_session_id(std::string_view value) {
    const auto is_visible = [](char c) { return c > ' ' && c < 0x7F; };
    if (std::ranges::all_of(value, is_visible)) return std::string(value);
    return fail(Errc::upstream_failed, "upstream sent an invalid Mcp-Session-Id");
}

}  // namespace gw::upstream
