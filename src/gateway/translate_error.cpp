#include "gateway/translate_error.hpp"

#include "base/json.hpp"
#include "gateway/failed_call.hpp"
#include "jsonrpc/message.hpp"
#include "mcp/input_required.hpp"
#include "mcp/url_elicitation.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gw::gateway {

namespace {

using Outcome = Result<mcp::Answer>;

// An error whose code means nothing to a stateless client, inside one that does.
Outcome wrapped(mcp::Refused refused, const Asker& /*asker*/) {
    const auto bytes = refused.error.view();
    const auto error = json::Object::parse(bytes);
    const auto message = error ? (*error)["message"] : std::string_view();
    std::string text = R"({"code":-32603,"message":)";
    text += message.empty() ? R"("the upstream server failed")" : message;
    return mcp::Refused{Slice(text.append(R"(,"data":{"error":)").append(bytes).append("}}"))};
}

Outcome unchanged(mcp::Refused refused, const Asker& /*asker*/) {
    return refused;
}

Outcome not_relayed(mcp::Refused refused, const Asker& /*asker*/) {
    return fail(
        Errc::upstream_failed, "upstream refused the request", std::string(refused.error.view())
    );
}

// `error` with another code, and the URI in its data: what 2026-07-28 (server/resources, Error
// Handling) wants does not harm anybody else.
mcp::Refused not_found(const json::Object& error, std::string_view code, std::string_view uri) {
    std::string text = R"({"code":)";
    text += code;
    for (const auto& [name, value] : error.members()) {
        if (name == "code" || name == "data") continue;
        text.append(",").append(json::quoted(name)).append(":").append(value);
    }
    const auto data = error["data"];
    const auto object = json::Object::parse(data);
    const bool is_short = uri.size() <= jsonrpc::echo_bytes_max;
    if ((object && !(*object)["uri"].empty()) || (!is_short && !data.empty())) {
        text.append(",\"data\":").append(data);
    } else if (is_short) {
        text.append(R"(,"data":{"uri":)").append(uri);
        if (!data.empty()) text.append(",\"error\":").append(data);
        text += '}';
    }
    return {Slice(text + "}")};
}

// -32002 of the session era.
Outcome not_found_as_params(mcp::Refused refused, const Asker& asker) {
    const auto error = json::Object::parse(refused.error.view());
    if (!error || asker.method != "resources/read") return wrapped(std::move(refused), asker);
    return not_found(*error, "-32602", asker.quoted_uri);
}

// -32602 of a stateless server says many things. That there is no such resource, when it names it.
Outcome params_as_not_found(mcp::Refused refused, const Asker& asker) {
    const auto error = json::Object::parse(refused.error.view());
    if (!error || asker.method != "resources/read") return refused;
    const auto data = json::Object::parse((*error)["data"]);
    if (!data || (*data)["uri"].empty()) return refused;
    return not_found(*error, "-32002", asker.quoted_uri);
}

// -32042 of 2025-11-25: the user has to do something at a URL first.
Outcome url_needed(mcp::Refused refused, const Asker& asker) {
    const bool has_sessions = features(asker.revision).sessions;
    const auto urls = mcp::url_elicitations(refused.error.view());
    if (asker.capabilities.elicitation_url) {
        if (has_sessions) return refused;
        if (urls.empty()) return wrapped(std::move(refused), asker);
        std::vector<mcp::InputRequest> requests;
        for (const auto& [message, url, params] : urls) {
            const auto key = "url-" + std::to_string(requests.size() + 1);
            requests.push_back({.key = key, .method = "elicitation/create", .params = params});
        }
        return mcp::InputRequired{Slice(mcp::render_input_required(requests, {}))};
    }
    const auto error = json::Object::parse(refused.error.view());
    auto text = error ? error->string("message").value_or("") : std::string();
    for (const auto& [message, url, params] : urls)
        text.append(text.empty() ? "" : "\n").append(message).append(": ").append(url);
    return failed_call(asker.method, text);
}

// True when `needed`, an object of client capabilities, has one that the client has not declared.
bool is_lacking(std::string_view needed, const Asker& asker) {
    const auto all = mcp::parse_capabilities(needed, mcp::newest);
    return all && !mcp::covers(asker.capabilities, *all);
}

// -32021: the server needs what the client did not declare.
Outcome capability_missing(mcp::Refused refused, const Asker& asker) {
    const auto error = json::Object::parse(refused.error.view());
    const auto data = error ? (*error)["data"] : std::string_view();
    const auto object = json::Object::parse(data.empty() ? "{}" : data);
    const auto needed = object ? (*object)["requiredCapabilities"] : std::string_view();
    if (!is_lacking(needed, asker)) return wrapped(std::move(refused), asker);
    std::string names;
    const auto capabilities = json::Object::parse(needed);
    for (const auto& member : capabilities->members())
        names.append(names.empty() ? " " : ", ").append(member.name);
    return fail(
        Errc::capability_missing,
        "this needs a capability that the client did not declare:" + names,
        {},
        R"({"requiredCapabilities":)" + std::string(needed) + "}"
    );
}

enum class Side { any, with_sessions, stateless };

struct Row {
    std::optional<std::int64_t> code;  // None: every one.
    Side upstream;
    Side client;
    Outcome (*translate)(mcp::Refused, const Asker&);
};

// The first row that fits.
constexpr std::array rows{
    Row{-32042, Side::any, Side::any, url_needed},
    // They are about what the gateway wrote, also of a server that had sessions until now.
    Row{-32020, Side::any, Side::any, not_relayed},
    Row{-32022, Side::any, Side::any, not_relayed},
    Row{{}, Side::with_sessions, Side::with_sessions, unchanged},
    Row{-32021, Side::stateless, Side::any, capability_missing},
    Row{-32602, Side::stateless, Side::with_sessions, params_as_not_found},
    Row{{}, Side::stateless, Side::with_sessions, unchanged},
    Row{-32002, Side::any, Side::stateless, not_found_as_params},
    // What is left goes to stateless clients. These two mean the same everywhere; -32601 would say
    // that the gateway lacks the method, and the rest has no meaning or another one.
    Row{-32602, Side::any, Side::stateless, unchanged},
    Row{-32603, Side::any, Side::stateless, unchanged},
    Row{{}, Side::any, Side::stateless, wrapped},
};

bool fits(Side side, bool is_stateless) {
    return side == Side::any || (side == Side::stateless) == is_stateless;
}

}  // namespace

Result<mcp::Answer> translate_error(mcp::Refused refused, const Asker& asker) {
    const auto error = json::Object::parse(refused.error.view());
    const auto code = error ? json::integer((*error)["code"]) : std::nullopt;
    const bool is_client_stateless = !features(asker.revision).sessions;
    const auto* const row = std::ranges::find_if(rows, [&](const Row& each) {
        return (!each.code || each.code == code) && fits(each.upstream, refused.is_stateless) &&
               fits(each.client, is_client_stateless);
    });
    return row->translate(std::move(refused), asker);  // The rows leave nothing out.
}

}  // namespace gw::gateway
