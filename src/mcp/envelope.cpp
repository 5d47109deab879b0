#include "mcp/envelope.hpp"

#include "base/json.hpp"
#include "mcp/impl/members.hpp"
#include "mcp/implementation.hpp"
#include "mcp/revision.hpp"

#include <algorithm>
#include <array>

namespace gw::mcp {

namespace {

constexpr std::string_view prefix = "io.modelcontextprotocol/";

// What is between one client and one server only, behind the prefix.
constexpr std::array<std::string_view, 5> own_keys{
    "protocolVersion", "clientInfo", "clientCapabilities", "logLevel", "subscriptionId"
};

bool is_own_key(std::string_view name) {
    if (name == "progressToken") return true;
    return name.starts_with(prefix) &&
           std::ranges::find(own_keys, name.substr(prefix.size())) != own_keys.end();
}

std::unexpected<Error> missing(const std::string& text) {
    return fail(Errc::missing_meta, "\"_meta\": " + text);
}

// What the client wrote that is for the server as well.
impl::ObjectText foreign_members(std::string_view meta, std::string_view progress_token) {
    impl::ObjectText text(meta.size() + 64);
    if (!progress_token.empty()) text.add(R"("progressToken")", progress_token);
    impl::for_each_member(meta, [&](const impl::Member& member) {
        if (!is_own_key(member.name)) text.add(member.quoted, member.value);
    });
    return text;
}

std::string_view client_info(std::string_view meta) {
    auto info = implementation;
    impl::for_each_member(meta, [&](const impl::Member& member) {
        if (member.name != "io.modelcontextprotocol/clientInfo") return;
        if (member.value.starts_with('{')) info = member.value;
    });
    return info;
}

}  // namespace

Result<ReadEnvelope> read_envelope(std::string_view message, const Scan& scan) {
    const auto version = scan[Part::meta_protocol_version].of(message);
    const auto capabilities = scan[Part::meta_client_capabilities].of(message);
    const auto level = scan[Part::meta_log_level].of(message);
    if (!version.starts_with('"')) {
        return missing(R"("io.modelcontextprotocol/protocolVersion" must be a string)");
    }
    if (!capabilities.starts_with('{')) {
        return missing(R"("io.modelcontextprotocol/clientCapabilities" must be an object)");
    }
    const auto token = scan[Part::progress_token].of(message);
    if (!is_string_or_integer(token)) {
        return missing(R"("progressToken" must be a string or an integer)");
    }
    ReadEnvelope read{.version = json::unquoted(version), .envelope = {}};
    const auto declared =
        parse_capabilities(capabilities, parse_revision(read.version).value_or(newest));
    if (!declared) {
        return missing("\"io.modelcontextprotocol/clientCapabilities\": " + declared.error().text);
    }
    read.envelope.capabilities = *declared;
    if (level.empty()) return read;
    if (level.starts_with('"')) read.envelope.log_level = parse_log_level(json::unquoted(level));
    if (read.envelope.log_level) return read;
    return fail(Errc::invalid_params, R"("io.modelcontextprotocol/logLevel" is no log level)");
}

std::string session_meta(std::string_view meta, std::string_view progress_token) {
    return foreign_members(meta, progress_token).str();
}

std::string stateless_meta(
    std::string_view meta,
    std::string_view progress_token,
    std::string_view version,
    const ClientCapabilities& capabilities,
    std::optional<LogLevel> log_level
) {
    auto declared = capabilities;
    declared.roots_list_changed = false;  // There is no such notification any more.
    auto text = foreign_members(meta, progress_token);
    text.add(R"("io.modelcontextprotocol/protocolVersion")", json::quoted(version));
    text.add(R"("io.modelcontextprotocol/clientCapabilities")", to_json(declared));
    text.add(R"("io.modelcontextprotocol/clientInfo")", client_info(meta));
    if (log_level) {
        text.add(R"("io.modelcontextprotocol/logLevel")", json::quoted(to_string(*log_level)));
    }
    return std::move(text).str();
}

}  // namespace gw::mcp
