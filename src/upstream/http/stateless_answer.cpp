#include "base/json.hpp"
#include "mcp/scan.hpp"
#include "upstream/ground/incoming.hpp"
#include "upstream/ground/request_ids.hpp"
#include "upstream/http/event_reader.hpp"
#include "upstream/http/stateless_link.hpp"
#include "upstream/http/stateless_running.hpp"
#include "upstream/stateless/stateless_words.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

// What a stateless server answers, and says before.
namespace gw::upstream {

using mcp::Part;

namespace {

constexpr std::size_t shown_max = 500;  // Bytes of a body, in the log.

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
    keep_hold(answer, std::move(hold));
    co_return answer;
}

// There is no resuming: what breaks off is lost.
Task<Result<mcp::Answer>> StatelessLink::read_events(
    Running& run, http::ClientConnection& connection
) {
    EventReader events(around_, connection, config_.call_timeout);
    http::Event event;
    for (;;) {
        const auto has_event = co_await events.next(event);
        run.is_lost = (!has_event || !*has_event) && !events.is_over_limit();
        if (!has_event) co_return std::unexpected(has_event.error());
        if (!*has_event) {
            co_return fail(Errc::upstream_failed, "upstream ended the stream without an answer");
        }
        if (!has_message(event)) continue;
        co_await handle(run, std::move(event.data), events.take_hold());
        if (run.answer) co_return *std::move(run.answer);
        // A server that never pauses gives the deadline no wait to end.
        if (run.is_over()) co_return fail(Errc::cancelled, "the request was withdrawn");
    }
}

Task<> StatelessLink::handle(Running& run, Buffer message, std::shared_ptr<void> hold) {
    mcp::Scan scan;
    const auto text = message.view();
    if (const auto valid = mcp::scan(text, scan, around_.limits.depth_max); !valid) {
        around_.log(config_, "sent a broken message on a stream: " + valid.error().text);
        // Nothing better will come for that id.
        if (as_asked(mcp::id_of_broken(text)) == run.id.view()) {
            run.answer = broken_message(valid.error());
        }
    } else if (scan.is_request()) {
        // It has no way to get an answer.
        around_.log(config_, "sent a request, which its revision does not have");
    } else if (scan.is_notification()) {
        co_await pass_on(run, text, scan);
    } else if (as_asked(scan[Part::id].of(text)) == run.id.view() || !scan.has(Part::id)) {
        run.answer = outcome(run, Slice(std::move(message), text), scan);
        keep_hold(*run.answer, std::move(hold));
    }
}

// Passes on a notification if the request asked for such and it belongs to it.
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
        if (!run.is_over()) {
            run.deadline.move(std::min(around_.shard.now() + config_.call_timeout, run.deadline_max)
            );
        }
    }
    if (method == "notifications/message") {
        if (!is_severe(text, scan, run.log_level)) co_return;
    }
    run.was_heard = true;
    // A caller that has gone does not end the call; whoever owns it decides that.
    std::ignore = co_await run.caller.notify(notification);
}

// The answer in a JSON body.
Result<mcp::Answer> StatelessLink::check(Running& run, Slice body) {
    mcp::Scan scan;
    GW_DO(check_answer(body, scan, run.id.view(), around_.limits));
    return outcome(run, std::move(body), scan);
}

// What a response says, which belongs to this request.
Result<mcp::Answer> StatelessLink::outcome(Running& run, Slice message, const mcp::Scan& scan) {
    if (scan.has(Part::error)) run.code = json::integer(scan[Part::error_code].of(message.view()));
    return to_outcome(std::move(message), scan, run.method, run.declared);
}

// What a status other than 200 means. Bodies that are no JSON-RPC are for the log only.
Result<mcp::Answer> StatelessLink::refused(Running& run, Slice body) {
    mcp::Scan scan;
    const auto text = body.view();
    auto detail =
        "HTTP " + std::to_string(run.status) + " " + std::string(text.substr(0, shown_max));
    const bool is_message = mcp::scan(text, scan, around_.limits.depth_max).has_value();
    const bool is_error = is_message && scan.has(Part::error);
    const bool is_own = is_error && as_asked(scan[Part::id].of(text)) == run.id.view();
    const auto of_error = is_own ? RefusalBody::own_error : RefusalBody::other_error;
    if (is_error) run.code = json::integer(scan[Part::error_code].of(text));
    run.then = what_then(
        {.era = Era::stateless,
         .status = run.status,
         .body = is_error ? of_error : RefusalBody::other,
         .code = run.code,
         .was_heard = run.was_heard}
    );
    run.words =
        words_of(run.status, run.code, text, scan[Part::error_message].of(text), run.id.view());
    // 401 and 403 are about the gateway's credentials, whatever else they say.
    if (is_error && run.status != 401 && run.status != 403) {
        auto answer = outcome(run, std::move(body), scan);
        if (is_own || !answer) return answer;
    }
    return refused_with(run.status, config_, std::move(detail));
}

}  // namespace gw::upstream
