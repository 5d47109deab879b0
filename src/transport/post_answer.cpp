#include "transport/post_answer.hpp"

#include "base/json.hpp"
#include "gateway/dispatch.hpp"
#include "gateway/fit_answer.hpp"
#include "jsonrpc/message.hpp"
#include "mcp/results.hpp"
#include "telemetry/metrics.hpp"
#include "transport/error_reply.hpp"
#include "transport/failure.hpp"
#include "transport/post_exchange.hpp"

#include <array>
#include <exception>
#include <utility>

namespace gw::transport {

using jsonrpc::before_id;
using mcp::Part;
using telemetry::Metric;
using telemetry::Outcome;

namespace {

constexpr std::size_t copied_max = 8 * 1024;  // A larger result is written from where it is.

constexpr std::size_t token_bytes_max = 1024;

std::string_view before_content(const Answered& answered) {
    return answered.is_error ? R"(,"error":)" : R"(,"result":)";
}

// Under which a client's error is found in the log.
std::string correlation_id(Endpoint& endpoint) {
    return "ref " + std::to_string(endpoint.shard().index()) + "-" +
           std::to_string(endpoint.count_failure());
}

// Failures that are told as the result of a tool, so that a model can act on them: an upstream
// server failed, or the client cannot do what the tool needs. A stateless client is told the latter
// by an error of the protocol.
bool is_for_model(Errc kind, mcp::Revision revision) {
    return kind == Errc::upstream_failed || kind == Errc::upstream_unauthorized ||
           kind == Errc::timed_out ||
           (kind == Errc::capability_missing && features(revision).sessions);
}

Outcome outcome_of(Errc kind) {
    return kind == Errc::timed_out   ? Outcome::timed_out
           : kind == Errc::cancelled ? Outcome::cancelled
                                     : Outcome::failed;
}

// An error of the gateway's own.
void put_failure(
    Answered& answered,
    const Error& error,
    std::string_view method,
    mcp::Revision revision,
    Endpoint& endpoint
) {
    endpoint.shard().metrics().count<Metric::errors>(error.kind);
    answered.outcome = outcome_of(error.kind);
    const auto reference = correlation_id(endpoint);
    const auto text = public_text(error, reference);
    if (!error.detail.empty()) {
        endpoint.parts().log(reference + " " + to_string(error) + ": " + error.detail);
    }
    if (method == "tools/call" && is_for_model(error.kind, revision)) {
        auto result =
            R"({"content":[{"type":"text","text":)" + json::quoted(text) + R"(}],"isError":true})";
        if (features(revision).result_type) result = mcp::typed_result(result, {});
        answered.content = Slice(std::move(result));
        return;
    }
    const auto wire = on_wire(error.kind, revision);
    std::string body =
        R"({"code":)" + std::to_string(wire.code) + ",\"message\":" + json::quoted(text);
    const auto data = public_data(error);
    if (!data.empty()) body.append(",\"data\":").append(data);
    answered.content = Slice(body + "}");
    answered.is_error = true;
    answered.status = wire.status;
    answered.kind = error.kind;
}

void put_answer(Answered& answered, mcp::Answer answer) {
    if (auto* refused = std::get_if<mcp::Refused>(&answer)) {
        answered.content = std::move(refused->error);
        answered.is_error = true;
        answered.outcome = Outcome::error;
        return;
    }
    if (auto* required = std::get_if<mcp::InputRequired>(&answer)) {
        answered.content = std::move(required->result);
        answered.parked = required->call;
        answered.outcome = Outcome::input_required;
        return;
    }
    auto& completed = std::get<mcp::Completed>(answer);
    answered.content = std::move(completed.result);
    answered.hold = std::move(completed.hold);
}

Result<void> admit(
    Endpoint& endpoint, const session::Session& session, std::string_view progress_token
) {
    if (!mcp::is_string_or_integer(progress_token)) {
        return fail(
            Errc::invalid_params, R"("_meta": "progressToken" must be a string or an integer)"
        );
    }
    if (progress_token.size() > token_bytes_max) {  // It may be kept for as long as a task.
        return fail(
            Errc::invalid_params,
            R"("_meta": "progressToken" has at most )" + std::to_string(token_bytes_max) + " bytes"
        );
    }
    if (session.has_id() && session.running() >= endpoint.options().calls_per_session_max) {
        return fail(
            Errc::too_many, "too many calls at the same time (limits.calls_per_session_max)"
        );
    }
    if (endpoint.parts().budget.is_exhausted()) {
        return fail(Errc::unavailable, std::string(web::too_much_buffered));
    }
    return {};
}

}  // namespace

void count_request(
    Endpoint& endpoint,
    telemetry::McpMethod method,
    mcp::Revision revision,
    telemetry::Outcome outcome
) {
    const auto era =
        features(revision).sessions ? telemetry::Era::sessions : telemetry::Era::stateless;
    endpoint.shard().metrics().count<Metric::mcp_requests>(method, era, outcome);
}

Task<Answered> run_call(
    PostStream& stream,
    Endpoint& endpoint,
    session::Session& session,
    std::string_view text,
    const mcp::Scan& scan,
    const StatelessCall* stateless
) {
    Answered answered;
    answered.id = scan[Part::id].of(text);
    const auto quoted_method = scan[Part::method].of(text);
    std::string unescaped;
    auto method = quoted_method.substr(1, quoted_method.size() - 2);
    if (method.contains('\\')) method = unescaped = json::unquoted(quoted_method);
    const auto revision = session.terms().revision;
    const auto token = scan[Part::progress_token].of(text);
    if (auto admitted = admit(endpoint, session, token); !admitted) {
        put_failure(answered, admitted.error(), method, revision, endpoint);
        count_request(endpoint, telemetry::McpMethod::find(method), revision, answered.outcome);
        co_return answered;
    }
    if (method == "subscriptions/listen" && !stream.may_begin()) {
        const Error error{
            Errc::not_acceptable,
            "subscriptions/listen is answered by an event stream (text/event-stream) only",
            {},
            {}
        };
        put_failure(answered, error, method, revision, endpoint);
        count_request(endpoint, telemetry::McpMethod::find(method), revision, answered.outcome);
        co_return answered;
    }
    const auto* const envelope = stateless != nullptr ? &stateless->envelope : nullptr;
    PostExchange exchange(stream, session, answered.id, token, envelope);
    if (stateless != nullptr) {
        stream.set_caller(&exchange);
        if (method == "subscriptions/listen") exchange.listen();
    }
    gateway::Call call{
        .session = session,
        .principal = stream.principal(),
        .views = endpoint.parts().views,
        .caller = exchange,
        .message = text,
        .scan = scan,
        .task_seal = endpoint.parts().task_seal,
        .request =
            {.method = method,
             .params = scan[Part::params].of(text),
             .progress_token = token,
             .meta = scan[Part::meta].of(text),
             .envelope = envelope,
             .shares_session = !session.has_id()},
        .stateless = stateless != nullptr ? &stateless->surroundings : nullptr
    };
    try {
        auto answer = co_await gateway::dispatch(call);
        gateway::fit_answer(call, answer);
        // A stream of changes that the gateway ends still gets its last word.
        answered.is_withdrawn = exchange.is_unwanted() && !(exchange.is_listening() && answer);
        const bool has_ended = exchange.has_ended();
        if (answer && (!has_ended || exchange.is_listening())) {
            put_answer(answered, std::move(*answer));
        } else {
            const auto why = has_ended ? exchange.why_ended() : answer.error();
            put_failure(answered, why, method, revision, endpoint);
        }
    } catch (const std::exception& defect) {
        const Error error{Errc::internal, "Internal error", defect.what(), {}};
        put_failure(answered, error, method, revision, endpoint);
    }
    stream.set_caller(nullptr);
    if (answered.is_withdrawn) answered.outcome = Outcome::cancelled;
    answered.at_peers = exchange.at_peers;
    count_request(endpoint, call.counted_as, revision, answered.outcome);
    co_return answered;
}

Task<> refuse(
    web::Connection& connection, Incoming& incoming, const Error& error, std::string_view id
) {
    incoming.endpoint.shard().metrics().count<Metric::errors>(error.kind);
    Buffer out;
    const auto revision = incoming.is_stateless ? mcp::newest : mcp::newest_with_sessions;
    const auto head = connection.reply_to(incoming.request);
    incoming.request.status = append_failure(out, head, error, id, revision);
    co_await connection.write(out);
}

Task<> accept(web::Connection& connection, Incoming& incoming) {
    auto head = connection.reply_to(incoming.request);
    head.status = incoming.request.status = 202;
    head.content_type = {};
    Buffer out;
    append_head(out, head, 0);
    co_await connection.write(out);
}

session::EventStream::Message to_message(Answered answered) {
    std::string before(before_id);
    before.append(answered.id).append(before_content(answered));
    if (answered.content.view().find_first_of("\r\n") != std::string_view::npos) {
        answered.content = Slice(json::without_line_breaks(answered.content.view()));
    }
    return {std::move(before), std::move(answered.content), "}", std::move(answered.hold)};
}

namespace {

// Writes it as a JSON response.
Task<bool> write_answer(
    web::Connection& connection, const Incoming& incoming, const Answered& answered
) {
    auto head = connection.reply_to(incoming.request);
    head.status = answered.is_withdrawn ? 200 : answered.status;
    if (head.status == 503 || head.status == 429) head.more = "Retry-After: 1\r\n";
    const auto before = before_content(answered);
    const auto content = answered.content.view();
    const auto size = before_id.size() + answered.id.size() + before.size() + content.size() + 1;
    Buffer out;
    append_head(out, head, size);
    out.append(before_id).append(answered.id).append(before);
    if (content.size() <= copied_max) {
        out.append(content).append("}");
        return connection.send(std::move(out), {}, {});
    }
    return connection.send(std::move(out), content, "}");
}

}  // namespace

Task<bool> answer(
    PostStream& stream, web::Connection& connection, Incoming& incoming, Answered& answered
) {
    const bool is_stream = stream.settle();
    if (answered.at_peers.calls == 1) incoming.request.elsewhere = answered.at_peers.time;
    incoming.request.status = is_stream ? 200 : answered.status;
    if (!is_stream) return write_answer(connection, incoming, answered);
    if (answered.is_withdrawn) return stream.finish();
    return stream.finish(to_message(std::move(answered)));
}

}  // namespace gw::transport
