#include "transport/stateless_checks.hpp"

#include "base/ascii.hpp"
#include "base/json.hpp"
#include "base/unicode.hpp"
#include "mcp/header_value.hpp"
#include "mcp/mirrored.hpp"

#include <array>
#include <string>

namespace gw::transport {

using http::Field;
using mcp::Part;

namespace {

// Which member of params Mcp-Name mirrors (basic/transports/streamable-http, Standard Request
// Headers; for tasks: SEP-2663, Routing Headers).
struct Named {
    std::string_view method;
    Part part;
};

constexpr std::array named{
    Named{"tools/call", Part::name},
    Named{"prompts/get", Part::name},
    Named{"resources/read", Part::uri},
    Named{"tasks/get", Part::task_id},
    Named{"tasks/update", Part::task_id},
    Named{"tasks/cancel", Part::task_id},
};

std::unexpected<Error> mismatch(std::string_view header, std::string_view what) {
    return fail(
        Errc::header_mismatch, "Header mismatch: " + std::string(header) + " " + std::string(what)
    );
}

// `version`, and `method` and the name below, are JSON strings as they stand in the body.
Result<void> check_version(const Incoming& incoming, std::string_view version) {
    if (!incoming.has(Field::mcp_protocol_version)) {
        return mismatch("MCP-Protocol-Version", "is missing");
    }
    if (json::spells(version, incoming.value(Field::mcp_protocol_version))) return {};
    return mismatch("MCP-Protocol-Version", "is not the version in _meta");
}

Result<void> check_supported(std::string_view version) {
    const auto revision = mcp::parse_revision(version);
    if (revision && !features(*revision).sessions) return {};
    const auto data = R"({"supported":[")" + std::string(to_string(mcp::newest)) +
                      R"("],"requested":)" + json::quoted(utf8_prefix(version, 64)) + "}";
    return fail(Errc::unsupported_version, "Unsupported protocol version", {}, data);
}

Result<void> check_method(const Incoming& incoming, std::string_view method) {
    if (!incoming.has(Field::mcp_method)) return mismatch("Mcp-Method", "is missing");
    if (json::spells(method, incoming.value(Field::mcp_method))) return {};
    return mismatch("Mcp-Method", "is not the method of the body");
}

Result<void> check_name(const Incoming& incoming, const mcp::Scan& scan, std::string_view method) {
    for (const auto& [name, part] : named) {
        if (!json::spells(method, name)) continue;
        const auto mirrored = scan[part].of(incoming.body());
        if (!mirrored.starts_with('"')) return {};  // The method says what is wrong with it.
        if (!incoming.has(Field::mcp_name)) return mismatch("Mcp-Name", "is missing");
        GW_TRY(const auto value, mcp::decode_header_value(incoming.value(Field::mcp_name)));
        if (json::spells(mirrored, value)) return {};
        return mismatch("Mcp-Name", "is not the name in the body");
    }
    return {};
}

}  // namespace

std::optional<std::string_view> IncomingHeaders::value(std::string_view name) const {
    const auto text = incoming_.request.bytes.view();
    for (const auto& header : incoming_.request.head.headers()) {
        if (equal_ignoring_case(header.name.of(text), name)) return header.value.of(text);
    }
    return {};
}

void IncomingHeaders::each(const Visit& visit) const {
    const auto text = incoming_.request.bytes.view();
    for (const auto& header : incoming_.request.head.headers())
        visit(header.name.of(text), header.value.of(text));
}

Result<mcp::Envelope> check_stateless(const Incoming& incoming, const mcp::Scan& scan) {
    const auto text = incoming.body();
    if (scan.is_response()) {
        return fail(Errc::invalid_request, "this revision has no responses from clients");
    }
    if (!scan.has(Part::meta_protocol_version)) {
        return fail(
            Errc::missing_meta,
            "_meta lacks io.modelcontextprotocol/protocolVersion, which this revision demands"
        );
    }
    const auto version = scan[Part::meta_protocol_version].of(text);
    if (version.starts_with('"')) {
        GW_DO(check_version(incoming, version));
    }
    GW_TRY(auto read, mcp::read_envelope(text, scan));
    GW_DO(check_supported(read.version));
    const auto method = scan[Part::method].of(text);
    GW_DO(check_method(incoming, method));
    GW_DO(check_name(incoming, scan, method));
    return read.envelope;
}

}  // namespace gw::transport
