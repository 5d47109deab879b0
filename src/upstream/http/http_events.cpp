#include "async/deadline.hpp"
#include "async/sleep.hpp"
#include "base/json.hpp"
#include "mcp/scan.hpp"
#include "upstream/ground/incoming.hpp"
#include "upstream/ground/request_ids.hpp"
#include "upstream/http/event_reader.hpp"
#include "upstream/http/http_link.hpp"
#include "upstream/http/http_running.hpp"

#include <algorithm>
#include <utility>

// The event streams of an HttpLink: of answers, and the one outside of calls.
namespace gw::upstream {

using http::Method;
using mcp::Part;

namespace {

constexpr std::chrono::milliseconds retry_max{60'000};
constexpr std::size_t resumes_max = 100;  // Of one call.
constexpr std::chrono::milliseconds idle_pause_min{1000};
// A stream that has lasted so long did not end at once.
constexpr std::chrono::seconds lasting{10};

// The pause before a GET stream is opened again: as the server wants it, but longer and longer when
// `idle` streams in a row ended at once or were not given.
std::chrono::milliseconds pause_after(unsigned idle, std::chrono::milliseconds retry) {
    constexpr unsigned borne = 3;
    constexpr unsigned doublings_max = 6;
    if (idle < borne) return retry;
    const auto pause = idle_pause_min * (1U << std::min(idle - borne, doublings_max));
    return std::clamp(std::max<std::chrono::milliseconds>(pause, retry), retry, retry_max);
}

}  // namespace

Task<Result<mcp::Answer>> HttpLink::read_events(Running& run, Connection& connection) {
    Resumable state;
    for (std::size_t resumes = 0;; ++resumes) {
        auto is_alive = co_await read_stream(*connection, state, &run);
        run.stream = nullptr;
        if (run.answer) co_return run.take_answer();
        if (run.is_withdrawn) co_return fail(Errc::cancelled, "the request was withdrawn");
        if (state.is_over_limit) co_return std::unexpected(std::move(is_alive).error());
        if (run.deadline != nullptr && run.deadline->has_expired()) {
            co_return run.deadline->stopped("Upstream server");
        }
        if (state.last_id.empty() || resumes == resumes_max) {
            co_return fail(Errc::upstream_failed, "upstream ended the stream without an answer");
        }
        connection->stream().close();
        origin_.pool.give_back(std::move(connection));
        auto next = co_await go_on(run, state);
        run.is_between_streams = false;
        if (run.answer) co_return run.take_answer();
        if (!next) co_return std::unexpected(std::move(next).error());
        connection = std::move(*next);
        run.stream = &connection->stream();
    }
}

// Resumes the stream of a call after its pause, unless the answer comes on the GET stream
// meanwhile.
Task<Result<HttpLink::Connection>> HttpLink::go_on(Running& run, Resumable& state) {
    run.is_between_streams = true;
    const bool was_paused = co_await async::sleep_until(
        around_.shard, around_.shard.wheel(), state.ended_at + state.retry
    );
    if (!was_paused) co_return fail(Errc::cancelled, "the request was withdrawn");
    auto next = co_await resume(state);
    if (next || run.answer) co_return next;
    co_return broken_off(run, std::move(next).error());
}

// The server has taken the request and ended its stream before it began: the answer can come on the
// GET stream only.
Task<Result<mcp::Answer>> HttpLink::await_answer(Running& run, Connection& connection) {
    run.stream = nullptr;
    origin_.pool.give_back(std::move(connection));
    run.is_between_streams = true;
    async::Event never(around_.shard);
    while (!run.answer && !run.is_withdrawn && !run.deadline->has_expired()) {
        if (!co_await never.wait() && run.fiber->is_cancelled) break;
    }
    run.is_between_streams = false;
    if (run.answer) co_return run.take_answer();
    co_return run.deadline->stopped("Upstream server");
}

// Reads events until the stream ends, or the answer to `run` has come or `run` is over; true for
// the last two.
Task<Result<bool>> HttpLink::read_stream(
    http::ClientConnection& connection, Resumable& state, Running* run
) {
    EventReader events(around_, connection, config_.call_timeout);
    http::Event event;
    for (;;) {
        const auto has_event = co_await events.next(event);
        state.ended_at = around_.shard.clock().now();
        state.is_over_limit = events.is_over_limit();
        if (!has_event || !*has_event) co_return has_event;
        if (event.has_id) state.last_id = event.id;
        if (event.retry_ms) {
            state.retry = std::min(std::chrono::milliseconds(*event.retry_ms), retry_max);
        }
        if (!has_message(event)) continue;
        state.has_told = true;
        const auto text = event.data.view();
        const auto hold = events.take_hold();
        GW_CO_DO(co_await handle(Slice(std::move(event.data), text), hold, run));
        if (run != nullptr && (run->answer || run->is_withdrawn)) co_return true;
        // A server that never pauses gives the deadline no wait to end.
        const bool is_bounded = run != nullptr && run->deadline != nullptr;
        if (is_bounded && run->deadline->has_expired()) co_return true;
    }
}

// One event: a message, or (2025-03-26) an array of them. `hold` is what it takes of the budget.
Task<Result<void>> HttpLink::handle(Slice message, const Hold& hold, Running* run) {
    mcp::Scan scan;
    const auto text = message.view();
    if (text.starts_with('[')) {
        const auto elements = json::elements(text, 1000);
        if (!elements) co_return Result<void>();
        for (const auto element : *elements) {
            GW_CO_DO(co_await handle_one(element, hold, run));
        }
        co_return Result<void>();
    }
    const auto depth_max = around_.limits.depth_max;
    if (run != nullptr && mcp::scan(text, scan, depth_max) && scan.is_response()) {
        take_response(*run, std::move(message), hold, scan);
        co_return Result<void>();
    }
    co_return co_await handle_one(text, hold, run);
}

Task<Result<void>> HttpLink::handle_one(std::string_view text, const Hold& hold, Running* run) {
    mcp::Scan scan;
    if (const auto valid = mcp::scan(text, scan, around_.limits.depth_max); !valid) {
        around_.log(config_, "sent a broken message on a stream: " + valid.error().text);
        // Nothing better will come for that id.
        if (run != nullptr && as_asked(mcp::id_of_broken(text)) == run->id.view()) {
            run->answer = broken_message(valid.error());
        }
        co_return Result<void>();
    }
    if (scan.is_response()) {
        // On the GET stream, too: some servers answer there after they broke off a stream.
        auto* const whose = run != nullptr ? run : find(as_asked(scan[Part::id].of(text)));
        if (whose == nullptr) co_return Result<void>();
        take_response(*whose, Slice(std::string(text)), hold, scan);
        if (run == nullptr) whose->stop_waiting();
        co_return Result<void>();
    }
    if (scan.is_request()) {
        if (run != nullptr) {
            run->was_heard = true;
        } else if (!json::spells(scan[Part::method].of(text), "ping")) {
            count_as_heard();
        }
        begin_question(text, scan, hold, run);
        co_return Result<void>();
    }
    std::string method;
    const auto notification = to_notification(text, scan, method);
    if (method == "notifications/cancelled") {
        // Whoever was asked is told by its own id, on whatever stream this comes.
        withdraw_question(questions_, scan[Part::request_id].of(text), scan[Part::reason].of(text));
        co_return Result<void>();
    }
    auto* to = run;
    if (method == "notifications/progress") {
        // Some servers send it outside the call that it belongs to, and that of a task comes when
        // its call is long over.
        to = find(notification.progress_token);
        if (to != nullptr) to->clock.extend(around_.shard.now());
    }
    if (to == nullptr || is_of_no_call(method)) {
        if (!is_of_no_call(method)) count_as_heard();
        co_return co_await outside_.notify(notification);
    }
    to->was_heard = true;
    co_return co_await to->caller.notify(notification);
}

// Takes a response on the stream of `run`, or one with its id on the GET stream. An error without
// that id counts as well: the server refused the request before it looked at its id.
void HttpLink::take_response(Running& run, Slice message, const Hold& hold, const mcp::Scan& scan)
    const {
    const bool is_own = as_asked(scan[Part::id].of(message.view())) == run.id.view();
    if (scan.has(Part::error)) {
        run.answer = refused(run, std::move(message));
    } else if (is_own) {
        run.answer = to_answer(std::move(message), scan);
        keep_hold(*run.answer, hold);
    }
}

HttpLink::Running* HttpLink::find(std::string_view id) {
    for (auto& each : running_) {
        auto& run = static_cast<Running&>(each);
        if (run.id.view() == id) return &run;
    }
    return nullptr;
}

Task<Result<HttpLink::Connection>> HttpLink::resume(Resumable& state) {
    GW_CO_TRY(auto connection, co_await take(origin_.pool));
    auto request = head("GET");
    if (!state.last_id.empty())
        request.append("Last-Event-ID: ").append(state.last_id).append("\r\n");
    auto sent = co_await connection->send(request + "\r\n");
    if (sent) sent = co_await connection->receive_head(Method::get, head_limits);
    const int status = sent ? connection->head.status : 0;
    if (status == 200 && is_event_stream(*connection)) co_return connection;
    connection->stream().close();
    origin_.pool.give_back(std::move(connection));
    if (!sent) co_return std::unexpected(std::move(sent).error());
    const bool is_lost = status == 404 || status == 400;
    if (status == 405 || (is_lost && session_id_.empty())) {
        co_return fail(Errc::method_not_allowed, "upstream has no GET stream");
    }
    if (is_lost) co_return fail(Errc::unknown_session, "upstream has lost the session");
    co_return fail(Errc::upstream_failed, "upstream did not open a stream");
}

// A stream that cannot be continued. Its server has begun to run the call, so it fails even if the
// session is lost, and only the next one may open another.
std::unexpected<Error> HttpLink::broken_off(const Running& run, Error why) {
    const bool is_lost = why.kind == Errc::unknown_session;
    if (is_lost) lose();
    const bool may_repeat = is_lost && run.is_repeatable;
    if (is_lost || why.kind == Errc::method_not_allowed) {
        why = {
            may_repeat ? Errc::unknown_session : Errc::upstream_failed,
            "upstream ended the stream without an answer",
            std::move(why.text),
            {}
        };
    }
    return std::unexpected(std::move(why));
}

// The session is lost: the next call has to open another.
void HttpLink::lose() {
    if (std::exchange(is_usable_, false) && lost_) lost_();
}

// Keeps the GET stream open for as long as the session lives and the server wants one.
Task<> HttpLink::listen() {
    Resumable state;
    auto& fiber = co_await this_fiber();
    unsigned idle = 0;  // Streams in a row, or tries, that were of no use.
    bool was_open = false;
    while (!fiber.is_cancelled) {
        bool was_of_use = false;
        state.has_told = false;
        auto connection = co_await resume(state);
        listening_.set();
        if (!connection) {
            const auto kind = connection.error().kind;
            const bool is_refused = kind == Errc::unknown_session;
            // A server that never gave a stream may know no GET at all.
            if (kind == Errc::method_not_allowed || (is_refused && !was_open)) co_return;
            // One that has forgotten an event refuses its id alike.
            if (is_refused && std::exchange(state.last_id, {}).empty()) co_return lose();
            if (is_refused) continue;
            state.ended_at = around_.shard.now();
        } else {
            was_open = has_stream_ = true;
            const auto opened_at = around_.shard.now();
            const auto ended = co_await read_stream(**connection, state, nullptr);
            if (!ended && !fiber.is_cancelled) around_.log(config_, "the GET stream broke");
            (*connection)->stream().close();
            origin_.pool.give_back(std::move(*connection));
            was_of_use = state.has_told || state.ended_at - opened_at > lasting;
        }
        idle = was_of_use ? 0 : idle + 1;
        const auto pause = pause_after(idle, state.retry);
        co_await async::sleep_until(around_.shard, around_.shard.wheel(), state.ended_at + pause);
    }
}

}  // namespace gw::upstream
