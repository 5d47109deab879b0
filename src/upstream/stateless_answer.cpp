#include "base/json.hpp"
#include "mcp/scan.hpp"
#include "upstream/event_reader.hpp"
#include "upstream/incoming.hpp"
#include "upstream/stateless_link.hpp"
#include "upstream/stateless_running.hpp"

#include <array>
#include <tuple>
#include <utility>

// What a stateless server answers, and says before.
namespace gw::upstream {

using mcp::Part;

namespace {

constexpr std::int64_t header_mismatch = -32020;
constexpr std::int64_t unsupported_version = -32022;

// 2026-07-28, basic/patterns/mrtr, Supported Requests.
bool may_require_input(std::string_view method) {
    return method == "tools/call" || method == "prompts/get" || method == "resources/read";
}

// Notifications that belong to no request; on the stream of one they are a fault of the server.
bool is_outside(std::string_view method) {
    return method.ends_with("/list_changed") || method == "notifications/resources/updated" ||
           method == "notifications/cancelled" || method.starts_with("notifications/subscriptions");
}

}  // namespace

Task<Result<mcp::Answer>> StatelessLink::answer_of(
    Running& run, http::ClientConnection& connection
) {
    if (run.status == 200 && is_event_stream(connection)) {
        co_return co_await read_events(run, connection);
    }
    std::shared_ptr<void> hold;
    auto body = co_await read_body(around_, connection, hold);
    run.is_lost = !body;
    if (!body) co_return std::unexpected(std::move(body).error());
    if (run.status != 200) co_return refused(run, std::move(*body));
    auto answer = check(run, std::move(*body));
    if (answer && hold) {
        if (auto* completed = std::get_if<mcp::Completed>(&*answer)) {
            completed->hold = std::move(hold);
        }
    }
    co_return answer;
}

// There is no resuming: what breaks off is lost.
Task<Result<mcp::Answer>> StatelessLink::read_events(
    Running& run, http::ClientConnection& connection
) {
    EventReader events(connection, around_.limits.body_bytes_max);
    for (;;) {
        auto message = co_await events.next();
        run.is_lost = !message || message->empty();
        if (!message) co_return std::unexpected(std::move(message).error());
        if (message->empty()) {
            co_return fail(Errc::upstream_failed, "upstream ended the stream without an answer");
        }
        co_await handle(run, std::move(*message));
        if (run.answer) co_return *std::move(run.answer);
        // A server that never pauses gives the deadline no wait to end.
        if (run.is_over()) co_return fail(Errc::cancelled, "the request was withdrawn");
    }
}

Task<> StatelessLink::handle(Running& run, Buffer message) {
    mcp::Scan scan;
    const auto text = message.view();
    if (!mcp::scan(text, scan)) {
        around_.log(config_.name, "sent a broken message on a stream");
    } else if (scan.is_request()) {
        // It has no way to get an answer.
        around_.log(config_.name, "sent a request, which its revision does not have");
    } else if (scan.is_notification()) {
        co_await pass_on(run, text, scan);
    } else if (scan[Part::id].of(text) == run.id.view() || !scan.has(Part::id)) {
        run.answer = outcome(run, Slice(std::move(message), text), scan);
    }
}

// Only what the request asked for, and what belongs to it.
Task<> StatelessLink::pass_on(Running& run, std::string_view text, const mcp::Scan& scan) {
    std::string method;
    const auto notification = to_notification(text, scan, method);
    if (run.method == "subscriptions/listen") {
        const auto id = scan[Part::subscription_id].of(text);
        if (id == run.id.view()) std::ignore = co_await run.caller.notify(notification);
        co_return;
    }
    if (is_outside(method)) co_return;
    if (method == "notifications/progress") {
        if (!run.wants_progress || notification.progress_token != run.id.view()) co_return;
        if (!run.deadline.has_expired()) {
            run.deadline.move(around_.shard.now() + config_.call_timeout);
        }
    }
    if (method == "notifications/message") {
        const auto raw = scan[Part::level].of(text);
        const auto level =
            raw.starts_with('"') ? mcp::parse_log_level(json::unquoted(raw)) : std::nullopt;
        if (!run.log_level || !level || *level < *run.log_level) co_return;
    }
    // A caller that has gone does not end the call; whoever owns it decides that.
    std::ignore = co_await run.caller.notify(notification);
}

// The answer in a JSON body.
Result<mcp::Answer> StatelessLink::check(Running& run, Slice body) {
    mcp::Scan scan;
    GW_DO(check_answer(body, scan, run.id.view()));
    return outcome(run, std::move(body), scan);
}

// What a response says, which belongs to this request.
Result<mcp::Answer> StatelessLink::outcome(Running& run, Slice message, const mcp::Scan& scan) {
    const auto text = message.view();
    const auto raw = [&](Part part) { return scan[part].of(text); };
    if (scan.has(Part::error)) {
        run.code = json::integer(raw(Part::error_code));
        if (run.code == header_mismatch) {
            return fail(Errc::header_mismatch, "upstream refused the headers", std::string(text));
        }
        if (run.code == unsupported_version) {
            return fail(
                Errc::unsupported_version,
                "upstream does not speak our version",
                std::string(text),
                std::string(raw(Part::error_data))
            );
        }
        return to_answer(std::move(message), scan);
    }
    // 2026-07-28, basic, ResultType: absent means complete, and what is not known is invalid.
    const auto type = raw(Part::result_type);
    const auto name = type.starts_with('"') ? json::unquoted(type) : std::string(type);
    if (name.empty() || name == "complete") {
        auto answer = to_answer(std::move(message), scan);
        std::get<mcp::Completed>(answer).has_type = !name.empty();
        return answer;
    }
    if (name == "input_required" && may_require_input(run.method)) {
        message.narrow(raw(Part::result));
        return mcp::InputRequired{std::move(message)};
    }
    // SEP-2663, Capability Negotiation: never to who did not declare the extension.
    if (name == "task" && run.method == "tools/call" && purpose_.capabilities.tasks) {
        auto answer = to_answer(std::move(message), scan);
        auto& created = std::get<mcp::Completed>(answer);
        created.has_type = created.is_task = true;
        return answer;
    }
    return fail(Errc::upstream_failed, "upstream answered with a result of another type");
}

// What a status other than 200 means. Bodies that are no JSON-RPC are for the log only.
Result<mcp::Answer> StatelessLink::refused(Running& run, Slice body) {
    auto detail =
        "HTTP " + std::to_string(run.status) + " " + std::string(body.view().substr(0, 500));
    if (run.status == 401 || run.status == 403) {
        return fail(
            Errc::upstream_unauthorized,
            "upstream refused the gateway's credentials",
            std::move(detail)
        );
    }
    mcp::Scan scan;
    const auto text = body.view();
    const bool is_rpc = mcp::scan(text, scan) && scan.has(Part::error);
    if (is_rpc) run.code = json::integer(scan[Part::error_code].of(text));
    // Statuses with which servers refuse what they do not understand at all.
    const bool is_foreign = run.status == 400 || run.status == 404 || run.status == 405;
    const bool is_known = run.code && *run.code <= -32020 && *run.code >= -32700;
    if (is_foreign && !is_known) {
        return fail(Errc::unknown_session, "upstream is no stateless server", std::move(detail));
    }
    if (is_rpc) return outcome(run, std::move(body), scan);
    return fail(Errc::upstream_failed, "upstream refused the request", std::move(detail));
}

}  // namespace gw::upstream
