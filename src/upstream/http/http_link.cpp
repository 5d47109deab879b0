#include "upstream/http/http_link.hpp"

#include "async/deadline.hpp"
#include "base/json.hpp"
#include "jsonrpc/message.hpp"
#include "mcp/cancellation.hpp"
#include "mcp/outgoing.hpp"
#include "mcp/scan.hpp"
#include "upstream/ground/handshake.hpp"
#include "upstream/ground/incoming.hpp"
#include "upstream/http/http_running.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace gw::upstream {

using http::Field;
using http::Method;

namespace {

constexpr std::chrono::milliseconds listening_wait{300};
constexpr std::size_t notes_at_a_time = 4;
constexpr std::chrono::seconds leaving_time{2};
constexpr std::chrono::milliseconds leaving_look{500};  // The gateway may be about to end, too.

}  // namespace

HttpLink::HttpLink(
    LinkResources& around,
    const Config& config,
    HttpOrigin origin,
    mcp::Exchange& outside,
    const LinkPurpose& purpose
)
    : around_(around),
      config_(config),
      origin_(std::move(origin)),
      outside_(outside),
      lost_(purpose.lost),
      greeting_(around.shard),
      was_greeted_(around.shard),
      gate_(around.shard),
      notes_(
          around.shard,
          notes_at_a_time,
          [this](std::string message) { return send_and_forget(std::move(message)); },
          [this](std::size_t count) { note_dropped(count); }
      ),
      replies_(
          around.shard,
          1,
          [this](std::string message) { return send_and_forget(std::move(message)); },
          [](std::size_t) {}
      ),
      inside_(around.shard),
      post_head_(head("POST")),
      probe_(around.shard, around.shard.wheel(), *this),
      listening_(around.shard) {}

HttpLink::~HttpLink() = default;

std::string HttpLink::head(std::string_view method) const {
    auto text = begin_head(method, origin_, config_);
    if (!revision_.empty() && revision_ != "2025-03-26") {
        text.append("MCP-Protocol-Version: ").append(revision_).append("\r\n");
    }
    if (!session_id_.empty()) text.append("Mcp-Session-Id: ").append(session_id_).append("\r\n");
    if (method == "GET") return text + "Accept: text/event-stream\r\n";
    if (method == "DELETE") return text + "\r\n";
    return text +
           "Accept: application/json, text/event-stream\r\n"
           "Content-Type: application/json\r\nContent-Length: ";
}

// True when the server wants the same request at another path of its.
bool HttpLink::redirect(HttpCall& call, Connection& connection) {
    if (!follow(origin_, call, *connection, around_, config_)) return false;
    post_head_ = head("POST");
    connection->stream().close();
    origin_.pool.give_back(std::move(connection));
    return true;
}

// Sends one message outside of calls and reads the head of the response.
// Again once when an idle connection was closed by the server at the same moment: to say an answer
// or a notification twice does no harm.
Task<Result<HttpLink::Connection>> HttpLink::post(std::string_view message) {
    const auto request =
        post_head_ + std::to_string(message.size()) + "\r\n\r\n" + std::string(message);
    for (;;) {
        GW_CO_TRY(auto connection, co_await take(origin_.pool));
        auto sent = co_await connection->send(request);
        if (sent) sent = co_await connection->receive_head(Method::post, head_limits);
        if (sent) co_return connection;
        const bool was_closed = connection->is_used && !connection->has_answered;
        origin_.pool.give_back(std::move(connection));
        if (!was_closed || sent.error().kind == Errc::cancelled) {
            co_return std::unexpected(std::move(sent).error());
        }
    }
}

struct HttpLink::Greeting final : HttpCall {};

// The server may open a session for it whoever has left meanwhile, and says only by its answer
// which one that is. So nothing but close() ends the wait for that.
Task<> HttpLink::greet(std::string id, std::string params) {
    if ((co_await this_fiber()).is_cancelled) co_return;
    Greeting call;
    greets_ = &call;
    const std::string_view said = params;
    do {
        const auto message = render_post(post_head_, {}, id, "initialize", said);
        greeted_ = co_await exchange(origin_.pool, call, message.view());
    } while (greeted_ && redirect(call, *greeted_));
    greets_ = nullptr;
    was_greeted_.set();
}

Task<Result<Slice>> HttpLink::open(std::string_view params) {
    Running run(*this, outside_, next_id_++);
    run.fiber = &co_await this_fiber();
    if (run.fiber->is_cancelled) co_return fail(Errc::cancelled, "the request was withdrawn");
    greeting_.spawn(greet(std::string(run.id.view()), std::string(params)));
    if (!co_await was_greeted_.wait()) co_return fail(Errc::cancelled, "the request was withdrawn");
    GW_CO_TRY(auto connection, std::exchange(greeted_, nullptr));
    run.stream = &connection->stream();
    const auto text = connection->head_text();
    auto session = parse_session_id(connection->head.value(Field::mcp_session_id, text));
    if (session) session_id_ = *session;
    refused_status_ = connection->head.status;
    auto answer = co_await answer_of(run, connection);
    if (connection) origin_.pool.give_back(std::move(connection));
    co_await run.questions.close();
    if (!answer) co_return std::unexpected(std::move(answer).error());
    auto* completed = std::get_if<mcp::Completed>(&*answer);
    if (completed == nullptr) {
        co_return fail(
            Errc::upstream_failed,
            "upstream refused to initialize",
            std::string(std::get<mcp::Refused>(*answer).error.view())
        );
    }
    refused_status_ = 0;
    GW_CO_DO(session);
    GW_CO_TRY(revision_, parse_agreed_revision(completed->result.view()));
    post_head_ = head("POST");
    auto initialized = co_await post(jsonrpc::notification("notifications/initialized", {}));
    if (!initialized) co_return std::unexpected(std::move(initialized).error());
    origin_.pool.give_back(std::move(*initialized));
    gate_.spawn(listen());
    {
        // What the server asks in its first call may come on the GET stream. A server that does not
        // answer the GET at once is not waited for.
        const async::Deadline deadline(
            around_.shard.wheel(), around_.shard.now() + listening_wait, *run.fiber
        );
        co_await listening_.wait();
    }
    co_return std::move(completed->result);
}

Task<Result<mcp::Answer>> HttpLink::call(const mcp::Request& request, mcp::Exchange& caller) {
    if (inside_.is_shut()) co_return fail(Errc::cancelled, "the upstream session was closed");
    Running run(*this, caller, next_id_++);
    run.fiber = &co_await this_fiber();
    async::Deadline deadline(around_.shard.wheel(), request.deadline, *run.fiber);
    run.deadline = &deadline;
    run.clock.set(deadline, config_.call_timeout, request.deadline_max);
    run.is_repeatable = request.is_repeatable;
    run.is_repetition = request.is_repetition;
    running_.push_back(run);
    caller.set_withdrawable(&run);
    const auto id = run.id.view();
    // Progress tokens are ours upstream: the id of the request, which is unique.
    const auto render = [&] {
        const auto with = [&](const mcp::Splice& params) {
            return render_post(post_head_, {}, id, request.method, params);
        };
        return mcp::differs_for_sessions(request) ? with(mcp::session_params(request, id))
                                                  : with(request.params);
    };
    auto message = render();
    auto connection = co_await exchange(origin_.pool, run, message.view());
    if (!connection && run.may_repeat && request.is_repeatable && !run.answer) {
        connection = co_await exchange(origin_.pool, run, message.view());
    }
    while (connection && redirect(run, *connection)) {
        message = render();
        connection = co_await exchange(origin_.pool, run, message.view());
    }
    Result<mcp::Answer> answer =
        connection ? co_await answer_of(run, *connection) : std::unexpected(connection.error());
    if (connection && *connection) origin_.pool.give_back(std::move(*connection));
    if (run.answer) {
        // It came on the GET stream; what became of the call's own says nothing then.
        answer = run.take_answer();
        if (answer) run.then = Then::passes;
    }
    if (run.then != Then::passes) answer = co_await settle(run, std::move(answer));
    caller.set_withdrawable(nullptr);
    const bool is_given_up = !answer && (run.is_withdrawn || deadline.has_expired());
    if (is_given_up) {
        // What it waited for tells of its own only that the wait was ended.
        if (run.is_withdrawn) {
            answer = fail(Errc::cancelled, "the request was withdrawn");
        } else if (answer.error().kind != Errc::timed_out) {
            answer = deadline.stopped("Upstream server");
        }
        const auto& why = answer.error().text;
        notify(
            "notifications/cancelled",
            mcp::cancelled_params(run.id.view(), run.reason().empty() ? why : run.reason())
        );
    }
    if (run.has_questions()) co_await run.questions.close();
    co_return answer;
}

Task<Result<mcp::Answer>> HttpLink::answer_of(Running& run, Connection& connection) {
    run.status = answered_status(*connection);
    if (run.status == 200 && is_event_stream(*connection)) {
        co_return co_await read_events(run, connection);
    }
    std::shared_ptr<void> hold;
    GW_CO_TRY(auto body, co_await read_body(around_, *connection, hold));
    run.stream = nullptr;
    const bool is_taken = run.status == 202 || run.status == 204;
    if (is_taken && has_stream_ && run.deadline != nullptr) {
        co_return co_await await_answer(run, connection);
    }
    if (run.status != 200) co_return refused(run, std::move(body));
    auto answer = check(run, std::move(body));
    keep_hold(answer, std::move(hold));
    co_return answer;
}

void HttpLink::notify(std::string_view method, std::string_view params) {
    notes_.push(jsonrpc::notification(method, params));
}

void HttpLink::note_dropped(std::size_t count) {
    around_.log(
        config_,
        count == 1 ? "does not take what it is sent in time: the oldest messages are dropped"
                   : "has not got " + std::to_string(count) + " messages that it did not take"
    );
}

Task<> HttpLink::send_and_forget(std::string message) {
    const async::Deadline deadline(
        around_.shard.wheel(), around_.shard.now() + config_.call_timeout, co_await this_fiber()
    );
    auto connection = co_await post(message);
    if (!connection) {
        around_.log(config_, "did not take a message: " + connection.error().text);
        co_return;
    }
    std::shared_ptr<void> hold;
    const int status = (*connection)->head.status;
    auto body = co_await read_body(around_, **connection, hold);
    if (!body) (*connection)->stream().close();
    origin_.pool.give_back(std::move(*connection));
    if (!body || status < 300) co_return;
    Running run(*this, outside_, next_id_++);  // An id that nothing said to it can have.
    run.status = status;
    const auto refusal = refused(run, std::move(*body));
    if (run.then == Then::probes) doubt();
}

// Many sessions may end at once: each has its time from its turn on.
Task<> HttpLink::end_session() {
    auto& shard = around_.shard;
    async::Deadline deadline(
        shard.wheel(), shard.now() + around_.leaving_wait, co_await this_fiber()
    );
    const auto turn = co_await origin_.pool.take_turn_to_leave();
    if (!turn && deadline.has_expired()) {
        around_.log(config_, "was not told of the end of a session: too many end at once");
    }
    if (!turn) co_return;
    deadline.move(shard.now() + leaving_time);
    auto connection = co_await take(origin_.pool);
    if (!connection) co_return;
    auto sent = co_await (*connection)->send(head("DELETE"));
    if (sent) sent = co_await (*connection)->receive_head(Method::delete_, head_limits);
    (*connection)->stream().close();
    origin_.pool.give_back(std::move(*connection));
}

// The server hears of what was cancelled last, unless it is slow to take it.
Task<> HttpLink::finish_notes() {
    constexpr std::chrono::seconds notes_max{1};
    auto& shard = around_.shard;
    const async::Deadline deadline(shard.wheel(), shard.now() + notes_max, co_await this_fiber());
    co_await notes_.finish();
}

// Nobody waits for the answer to initialize any more: if it opens a session, that is to be ended.
Task<> HttpLink::await_greeting() {
    auto& shard = around_.shard;
    const auto began = shard.now();
    const auto may_come = [this] { return greets_ != nullptr && greets_->was_sent; };
    while (may_come() && shard.now() < began + around_.leaving_wait) {
        const auto look = std::min(shard.now() + leaving_look, began + around_.leaving_wait);
        const async::Deadline deadline(shard.wheel(), look, co_await this_fiber());
        if (!co_await was_greeted_.wait() && !deadline.has_expired()) break;
    }
    co_await greeting_.close();
    if (!greeted_ || !*greeted_) co_return;
    auto connection = *std::exchange(greeted_, nullptr);
    auto session =
        parse_session_id(connection->head.value(Field::mcp_session_id, connection->head_text()));
    if (session && answered_status(*connection) == 200) session_id_ = *std::move(session);
    if (!session_id_.empty() && opened_late_) opened_late_();
    connection->stream().close();
    origin_.pool.give_back(std::move(connection));
}

Task<> HttpLink::close() {
    is_usable_ = false;
    for (auto& run : running_)
        run.withdraw();
    co_await probe_.close();
    co_await inside_.close();
    co_await gate_.close();
    co_await replies_.close();
    const async::Shield shield(co_await this_fiber());
    co_await await_greeting();
    co_await finish_notes();
    if (!session_id_.empty()) co_await end_session();
}

}  // namespace gw::upstream
