#include "base/json.hpp"
#include "mcp/member.hpp"
#include "mcp/mirrored.hpp"
#include "upstream/http/stateless_link.hpp"
#include "upstream/http/stateless_running.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

// What a StatelessLink says with every request: the envelope in `_meta`, and the headers that
// mirror the body.
namespace gw::upstream {

namespace {

constexpr std::size_t pages_max = 1000;
constexpr std::size_t usual_headers = 200;  // Bytes.

// What Mcp-Name mirrors, if the request has it.
std::string_view name_member(std::string_view method) {
    if (method == "tools/call" || method == "prompts/get") return "name";
    if (method == "resources/read") return "uri";
    if (method == "tasks/get" || method == "tasks/update" || method == "tasks/cancel") {
        return "taskId";  // SEP-2663, Routing Headers.
    }
    return {};
}

std::string name_of(const mcp::Request& request) {
    const auto member = name_member(request.method);
    if (member.empty() || !request.name.empty()) return request.name;
    const auto text = request.params.str();
    const auto value = mcp::member(text, member);
    return value.starts_with('"') ? json::unquoted(value) : std::string();
}

}  // namespace

std::string StatelessLink::head() const {
    return begin_head("POST", origin_, config_) +
           "Accept: application/json, text/event-stream\r\nContent-Type: application/json\r\n"
           "MCP-Protocol-Version: " +
           std::string(terms_.version()) + "\r\n";
}

// The rest of the head, up to the value of Content-Length (2026-07-28, streamable-http, Standard
// Request Headers).
std::string StatelessLink::headers_of(const mcp::Request& request, const Mirrored& mirrored) {
    std::string text;
    text.reserve(usual_headers);
    text.append("Mcp-Method: ").append(request.method).append("\r\n");
    if (!name_member(request.method).empty()) {
        text.append("Mcp-Name: ").append(mcp::encode_header_value(name_of(request)));
        text.append("\r\n");
    }
    for (const auto& each : mirrored)
        text.append(each.header).append(": ").append(each.value).append("\r\n");
    text.append("Content-Length: ");
    return text;
}

// The headers for the arguments of a tools/call by the schema that the server lists now.
Task<Result<StatelessLink::Mirrored>> StatelessLink::mirror_anew(
    Running& run, const mcp::Request& request
) {
    const auto called = name_of(request);
    const auto text = request.params.str();
    const auto arguments = mcp::member(text, "arguments");
    std::string cursor;
    for (std::size_t page = 0; page < pages_max; ++page) {
        const auto list = cursor.empty() ? std::string("{}") : R"({"cursor":)" + cursor + "}";
        const mcp::Request ask{.method = "tools/list", .params = std::string_view(list)};
        GW_CO_TRY(auto answer, co_await attempt(run, ask, ask.mirrored));
        const auto* completed = std::get_if<mcp::Completed>(&answer);
        if (completed == nullptr) break;
        GW_CO_TRY(const auto result, json::Object::parse(completed->result.view()));
        GW_CO_TRY(const auto tools, json::elements(result["tools"], 100'000));
        for (const auto tool : tools) {
            const auto object = json::Object::parse(tool);
            if (!object || object->string("name").value_or("") != called) continue;
            GW_CO_TRY(const auto rules, mcp::mirror_rules(tool));
            GW_CO_TRY(auto mirrored, mcp::mirror(rules, arguments));
            for (const auto& each : request.mirrored) {
                if (each.is_unknown) mcp::pass_unknown(mirrored, rules, each.header, each.value);
            }
            co_return mirrored;
        }
        const auto next = result["nextCursor"];
        if (!next.starts_with('"') || next == cursor) break;
        cursor = next;
    }
    co_return fail(Errc::upstream_failed, "upstream does not list the tool any more");
}

}  // namespace gw::upstream
