#include "upstream/stateless/stateless_words.hpp"

#include "base/json.hpp"
#include "mcp/route.hpp"
#include "upstream/ground/incoming.hpp"

#include <algorithm>
#include <utility>

namespace gw::upstream {

using mcp::Part;

namespace {

constexpr std::int64_t header_mismatch = -32020;
constexpr std::int64_t capability_missing = -32021;
constexpr std::int64_t unsupported_version = -32022;

// 2026-07-28, basic/patterns/mrtr, Supported Requests.
bool may_require_input(std::string_view method) {
    return method == "tools/call" || method == "prompts/get" || method == "resources/read";
}

}  // namespace

std::optional<mcp::Revision> newest_stateless(std::string_view versions) {
    std::optional<mcp::Revision> best;
    const auto elements = json::elements(versions, 100);
    if (!elements) return best;
    for (const auto element : *elements) {
        if (!element.starts_with('"')) continue;
        const auto revision = mcp::parse_revision(json::unquoted(element));
        if (revision && !mcp::features(*revision).sessions) best = std::max(best, revision);
    }
    return best;
}

std::optional<mcp::Revision> alternative(const Error& refusal) {
    const auto data = json::Object::parse(refusal.data);
    return data ? newest_stateless((*data)["supported"]) : std::nullopt;
}

bool is_stateless_code(std::int64_t code) {
    return code == header_mismatch || code == capability_missing || code == unsupported_version;
}

bool may_lack_sessions(std::int64_t code) {
    constexpr std::int64_t invalid_params = -32602;
    return is_stateless_code(code) || code == invalid_params;
}

// Codes that both eras have, such as -32602, tell nothing.
bool is_modern_refusal(int status, std::int64_t code) {
    if (status == 404) return code == -32601;
    return status >= 400 && status < 500 && is_stateless_code(code);
}

bool is_discovery(const Result<mcp::Answer>& answer) {
    const auto* completed = answer ? std::get_if<mcp::Completed>(&*answer) : nullptr;
    if (completed == nullptr) return false;
    const auto result = json::Object::parse(completed->result.view());
    return result && newest_stateless((*result)["supportedVersions"]);
}

Result<std::string> as_initialized(const Result<mcp::Answer>& discovered) {
    if (!is_discovery(discovered)) {
        return fail(Errc::upstream_failed, "upstream sent an invalid answer to server/discover");
    }
    const auto text_of_it = std::get<mcp::Completed>(*discovered).result.view();
    GW_TRY(const auto result, json::Object::parse(text_of_it));
    GW_TRY(const auto capabilities, result.object("capabilities"));
    GW_TRY(const auto meta_text, result.object("_meta"));
    GW_TRY(const auto meta, json::Object::parse(meta_text));
    GW_TRY(const auto info, meta.object("io.modelcontextprotocol/serverInfo"));
    std::string text = R"({"capabilities":)" + std::string(capabilities);
    text.append(R"(,"serverInfo":)").append(info);
    const auto instructions = result["instructions"];
    if (instructions.starts_with('"')) text.append(R"(,"instructions":)").append(instructions);
    for (const auto* const name : {"ttlMs", "cacheScope"}) {
        if (result[name].empty()) continue;
        text.append(",\"").append(name).append("\":").append(result[name]);
    }
    return text + mcp::meta_member(mcp::parse_route(text_of_it, {}).instances) + "}";
}

SubscriptionFilter changes_told(std::string_view profile) {
    SubscriptionFilter told;
    const auto result = json::Object::parse(profile);
    if (!result) return told;
    const auto capabilities = json::Object::parse((*result)["capabilities"]);
    const auto is_told = [&](std::string_view name) {
        const auto of = json::Object::parse(capabilities ? (*capabilities)[name] : "{}");
        return of && (*of)["listChanged"] == "true";
    };
    told.tools = is_told("tools");
    told.prompts = is_told("prompts");
    told.resources = is_told("resources");
    return told;
}

Result<mcp::Answer> to_outcome(
    Slice response,
    const mcp::Scan& scan,
    std::string_view method,
    const mcp::ClientCapabilities& declared
) {
    const auto text = response.view();
    const auto raw = [&](Part part) { return scan[part].of(text); };
    if (scan.has(Part::error)) {
        const auto code = json::integer(raw(Part::error_code));
        if (code == header_mismatch) {
            return fail(Errc::header_mismatch, "upstream refused the headers", std::string(text));
        }
        if (code == unsupported_version) {
            return fail(
                Errc::unsupported_version,
                "upstream does not support the protocol version of the request",
                std::string(text),
                std::string(raw(Part::error_data))
            );
        }
        return to_answer(std::move(response), scan);
    }
    // 2026-07-28, basic, ResultType: absent means complete, and what is not known is invalid.
    const auto type = raw(Part::result_type);
    const auto name = type.starts_with('"') ? json::unquoted(type) : std::string(type);
    if (name.empty() || name == "complete") {
        auto answer = to_answer(std::move(response), scan);
        auto& completed = std::get<mcp::Completed>(answer);
        completed.has_type = !name.empty();
        completed.is_stateless = true;
        return answer;
    }
    if (name == "input_required" && may_require_input(method)) {
        response.narrow(raw(Part::result));
        return mcp::InputRequired{.result = std::move(response), .too_deep = scan.too_deep};
    }
    // SEP-2663, Capability Negotiation: never to who did not declare the extension.
    if (name == "task" && method == "tools/call" && declared.tasks) {
        auto answer = to_answer(std::move(response), scan);
        auto& created = std::get<mcp::Completed>(answer);
        created.has_type = created.is_task = true;
        return answer;
    }
    return fail(Errc::upstream_failed, "upstream sent a result with an unexpected resultType");
}

Error presentable(Error error) {
    using enum Errc;
    const bool is_ours = error.kind == Errc::header_mismatch ||
                         error.kind == Errc::unsupported_version || error.kind == unknown_session;
    if (is_ours) error.kind = upstream_failed;
    error.data.clear();
    return error;
}

bool is_outside(std::string_view method) {
    return method.ends_with("/list_changed") || method == "notifications/resources/updated" ||
           method == "notifications/cancelled" || method.starts_with("notifications/subscriptions");
}

bool is_severe(
    std::string_view message, const mcp::Scan& scan, std::optional<mcp::LogLevel> wanted
) {
    const auto raw = scan[Part::level].of(message);
    const auto level =
        raw.starts_with('"') ? mcp::parse_log_level(json::unquoted(raw)) : std::nullopt;
    return wanted && level && *level >= *wanted;
}

}  // namespace gw::upstream
