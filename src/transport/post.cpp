#include "transport/post.hpp"

#include "base/json.hpp"
#include "gateway/dispatch.hpp"
#include "gateway/initialize.hpp"
#include "jsonrpc/message.hpp"
#include "mcp/cancellation.hpp"
#include "mcp/scan.hpp"
#include "transport/error_reply.hpp"
#include "transport/failure.hpp"
#include "transport/post_answer.hpp"
#include "transport/post_exchange.hpp"
#include "transport/post_stream.hpp"
#include "transport/stateless_post.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

namespace gw::transport {

using http::Field;
using mcp::Part;

namespace {

Error no_batches() {
    return {Errc::invalid_request, "batches are not part of this revision", {}, {}};
}

// The session that the request names, or the one for requests that name none.
Result<session::Session*> find_session(const Incoming& incoming) {
    auto& endpoint = incoming.endpoint;
    const auto mode = endpoint.options().sessions;
    auto& sessions = endpoint.parts().sessions;
    const auto id = incoming.value(Field::mcp_session_id);
    if (mode != SessionMode::off && incoming.has(Field::mcp_session_id)) {
        return sessions.find(id, incoming.request.who->owner, incoming.server);
    }
    if (mode == SessionMode::required) {
        return fail(Errc::session_required, "Bad Request: Mcp-Session-Id header is required");
    }
    // Without a session only the header can say which revision is spoken; without it, the oldest
    // (basic/transports, Protocol Version Header).
    const auto revision = incoming.revision.value_or(mcp::Revision::r2025_03_26);
    return &sessions.shared(incoming.request.who->owner, incoming.server, revision);
}

void count_initialize(Endpoint& endpoint, telemetry::Outcome outcome) {
    constexpr auto method = telemetry::McpMethod::named("initialize");
    count_request(endpoint, method, mcp::newest_with_sessions, outcome);
}

Task<> answer_initialize(web::Connection& connection, Incoming& incoming, const mcp::Scan& scan) {
    auto& endpoint = incoming.endpoint;
    const auto id = scan[Part::id].of(incoming.body());
    const auto failed = [&](const Error& error) {
        count_initialize(endpoint, telemetry::Outcome::failed);
        return refuse(connection, incoming, error, id);
    };
    auto agreed = gateway::parse_initialize(scan[Part::params].of(incoming.body()));
    if (!agreed) co_return co_await failed(agreed.error());
    auto& terms = agreed->terms;
    terms.owner = incoming.request.who->owner;
    terms.server = incoming.server;
    const auto view = co_await endpoint.parts().views.get(terms.server, terms.capabilities);
    if (!view) co_return co_await failed(view.error());
    if (auto again = endpoint.check_again(connection, incoming); !again) {
        co_return co_await connection.refuse(incoming.request, again.error());
    }
    auto head = connection.reply_to(incoming.request);
    std::string more;
    std::string result;
    if (endpoint.options().sessions == SessionMode::off) {
        result = gateway::initialize_result(**view, terms, agreed->version);
    } else {
        const auto owner = connection.owner_of(incoming.request);
        auto session = endpoint.parts().sessions.open(std::move(terms), owner);
        if (!session) co_return co_await failed(session.error());
        more = "Mcp-Session-Id: " + (*session)->terms().id + "\r\n";
        head.more = more;
        result = gateway::initialize_result(**view, (*session)->terms(), agreed->version);
    }
    count_initialize(endpoint, telemetry::Outcome::result);
    Buffer body;
    jsonrpc::append_result(body, id, result);
    Buffer out;
    incoming.request.status = head.status;
    append_reply(out, head, body.view());
    co_await connection.write(out);
}

void receive_notification(session::Session& session, std::string_view text, const mcp::Scan& scan) {
    const auto method = json::unquoted(scan[Part::method].of(text));
    if (method == "notifications/initialized") {
        session.is_initialized = true;
    } else if (method == "notifications/cancelled" && session.has_id()) {
        // Without a session nobody knows whose call an id means.
        session.withdraw(
            scan[Part::request_id].of(text), mcp::cancelled_reason(scan[Part::reason].of(text))
        );
    } else if (method == "notifications/progress" && scan.has(Part::notified_token)) {
        session.progressed(scan[Part::params].of(text), scan[Part::notified_token].of(text));
    } else if (method == "notifications/roots/list_changed") {
        session.upstreams->each_open([&](mcp::Peer& peer) {
            peer.notify(method, scan[Part::params].of(text));
        });
    }
}

void receive_response(session::Session& session, std::string_view text, const mcp::Scan& scan) {
    const auto id = scan[Part::id].of(text);
    if (scan.has(Part::error)) {
        session.answered(id, mcp::Refused{Slice(std::string(scan[Part::error].of(text)))});
    } else {
        session.answered(id, mcp::Completed{Slice(std::string(scan[Part::result].of(text))), {}});
    }
}

std::string_view without_space(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r\n");
    return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

Task<> answer_request(
    web::Connection& connection,
    Incoming& incoming,
    session::Session& session,
    const mcp::Scan& scan
) {
    const session::Use use(session);
    PostStream stream(connection, incoming, session);
    auto answered = co_await run_call(stream, incoming.endpoint, session, incoming.body(), scan);
    co_await answer(stream, connection, incoming, answered);
}

// The answers to the requests of a batch, as far as they are there.
struct BatchAnswers {
    explicit BatchAnswers(async::Budget& of) : budget(of) {}

    void add(std::string_view message) {
        text.append(text.empty() ? "" : ",").append(message);
        hold.add(budget.take_now(message.size()));
    }

    async::Budget& budget;
    std::string text;          // One behind the other, with commas.
    async::Budget::Hold hold;  // What that takes until it is written.
};

Task<> run_in_batch(
    PostStream& stream,
    Endpoint& endpoint,
    session::Session& session,
    std::string_view text,
    mcp::Scan scan,
    BatchAnswers& answers
) {
    auto answered = co_await run_call(stream, endpoint, session, text, scan);
    if (answered.is_withdrawn) co_return;
    answers.add(to_message(std::move(answered)).text());
}

// One message of a client, whose answers to questions may not be too deep either.
Result<void> scan_message(std::string_view text, mcp::Scan& scan, const Options& options) {
    auto scanned = mcp::scan(text, scan, options.depth_max);
    if (!scanned || scan.too_deep == 0) return scanned;
    const auto depth = scan.too_deep;
    scan = {};  // It has a result, so that its id is not the client's.
    return mcp::too_deep(depth, options.depth_max);
}

// "The initialize request MUST NOT be part of a JSON-RPC batch" (2025-03-26, basic/lifecycle), and
// stateless revisions have none.
Result<void> check_in_batch(std::string_view text, const mcp::Scan& scan) {
    if (scan.has(Part::meta_protocol_version)) return std::unexpected(no_batches());
    if (scan[Part::method].of(text) != R"("initialize")") return {};
    return fail(Errc::invalid_request, "initialize must not be part of a batch");
}

// A member that is no message is answered beside the others (JSON-RPC 2.0, section 6).
void refuse_member(
    BatchAnswers& answers,
    std::string_view text,
    const mcp::Scan& scan,
    const Error& error,
    mcp::Revision revision
) {
    const auto id = scan[Part::id].of(text);
    const auto code = on_wire(error.kind, revision).code;
    Buffer message;
    jsonrpc::append_error(message, id, code, web::shortened(error.text), public_data(error));
    answers.add(message.view());
}

// 2025-03-26, basic, Batching: requests run at the same time, and are answered together.
Task<> answer_batch(web::Connection& connection, Incoming& incoming, session::Session& session) {
    const session::Use use(session);
    auto& endpoint = incoming.endpoint;
    const auto elements = json::elements(incoming.body(), endpoint.options().batch_max);
    if (!elements) co_return co_await refuse(connection, incoming, elements.error(), {});
    if (elements->empty()) {
        co_return co_await refuse(
            connection, incoming, {Errc::invalid_request, "an empty batch", {}, {}}, {}
        );
    }
    std::vector<mcp::Scan> scans(elements->size());
    std::vector<Result<void>> scanned;
    for (std::size_t i = 0; i < elements->size(); ++i) {
        const auto text = (*elements)[i];
        scanned.push_back(scan_message(text, scans[i], endpoint.options()));
        const auto allowed = scanned.back() ? check_in_batch(text, scans[i]) : Result<void>();
        if (allowed) continue;
        const auto id = scans[i].is_request() ? scans[i][Part::id].of(text) : std::string_view();
        co_return co_await refuse(connection, incoming, allowed.error(), id);
    }
    if (std::ranges::none_of(scanned, &Result<void>::has_value)) {
        const auto id = scans.front()[Part::id].of(elements->front());
        co_return co_await refuse(connection, incoming, scanned.front().error(), id);
    }
    PostStream stream(connection, incoming, session);
    BatchAnswers answers(endpoint.parts().budget);
    {
        async::Gate gate(endpoint.shard());
        for (std::size_t i = 0; i < elements->size(); ++i) {
            const auto text = (*elements)[i];
            if (!scanned[i]) {
                const auto revision = session.terms().revision;
                refuse_member(answers, text, scans[i], scanned[i].error(), revision);
            } else if (scans[i].is_request()) {
                gate.spawn(run_in_batch(stream, endpoint, session, text, scans[i], answers));
            } else if (scans[i].is_notification()) {
                receive_notification(session, text, scans[i]);
            } else {
                receive_response(session, text, scans[i]);
            }
        }
        co_await gate.join();
    }
    const bool is_stream = stream.settle();
    if (answers.text.empty() && is_stream) {
        co_await stream.finish();
        co_return;
    }
    // There were no requests, or they were all withdrawn: an empty array is no answer
    // (JSON-RPC 2.0, section 6).
    if (answers.text.empty()) co_return co_await accept(connection, incoming);
    incoming.request.status = 200;
    constexpr std::string_view begin = "[";
    constexpr std::string_view end = "]";
    if (is_stream) {
        co_await stream.finish(
            {std::string(begin),
             Slice(std::move(answers.text)),
             end,
             std::make_shared<async::Budget::Hold>(std::move(answers.hold))}
        );
        co_return;
    }
    Buffer out;
    const auto size = begin.size() + answers.text.size() + end.size();
    append_head(out, connection.reply_to(incoming.request), size);
    std::array parts{out.view(), begin, std::string_view(answers.text), end};
    co_await connection.write_parts(parts);
}

// The budget of buffered bytes is exhausted: waits for as long as that can change in a moment.
Task<> wait_for_room(Endpoint& endpoint) {
    std::ignore = co_await endpoint.parts().budget.take_soon(endpoint.shard().wheel(), 1);
}

// From here on there are no members that a client wrote as null and meant to leave out.
Result<void> scan_body(Incoming& incoming, mcp::Scan& scan, const Options& options) {
    auto scanned = scan_message(incoming.body(), scan, options);
    if (scanned && scan.has_nulls) {
        incoming.body_without_nulls = mcp::without_nulls(incoming.body(), scan);
        incoming.request.body = incoming.body_without_nulls;
        scan = {};
        scanned = scan_message(incoming.body(), scan, options);
    }
    if (const auto method = scan[Part::method].of(incoming.body()); scanned && !method.empty()) {
        incoming.request.operation = method.substr(1, method.size() - 2);  // Without its quotes.
    }
    return scanned;
}

}  // namespace

Task<> answer_post(web::Connection& connection, Incoming& incoming) {
    auto& endpoint = incoming.endpoint;
    // Here, because nothing is held yet, and no timer can begin a stream: a call that is refused
    // for it has to get a status.
    if (endpoint.parts().budget.is_exhausted()) co_await wait_for_room(endpoint);
    const bool is_batch = without_space(incoming.body()).starts_with('[');
    mcp::Scan scan;
    if (!is_batch) {
        if (const auto scanned = scan_body(incoming, scan, endpoint.options()); !scanned) {
            co_return co_await refuse(
                connection, incoming, scanned.error(), scan[Part::id].of(incoming.body())
            );
        }
        if (const auto size = incoming.body_without_nulls.size(); size > Buffer::usual) {
            incoming.request.room.add(endpoint.parts().budget.take_now(size));
        }
        if (is_stateless(incoming, scan)) {
            co_return co_await answer_stateless(connection, incoming, scan);
        }
    }
    const auto text = incoming.body();
    // Of a batch, empty; and that of a response is the gateway's own.
    const auto id = scan.is_request() ? scan[Part::id].of(text) : std::string_view();
    if (incoming.has(Field::mcp_protocol_version) && !incoming.revision) {
        const auto error = is_batch ? no_batches() : unsupported_version().error();
        co_return co_await refuse(connection, incoming, error, id);
    }
    if (scan.is_request() && scan[Part::method].of(text) == R"("initialize")") {
        co_return co_await answer_initialize(connection, incoming, scan);
    }
    auto session = find_session(incoming);
    if (!session) co_return co_await refuse(connection, incoming, session.error(), id);
    if (is_batch) {
        if (!features((*session)->terms().revision).batches) {
            co_return co_await refuse(connection, incoming, no_batches(), {});
        }
        co_return co_await answer_batch(connection, incoming, **session);
    }
    if (scan.is_request()) {
        co_return co_await answer_request(connection, incoming, **session, scan);
    }
    if (scan.is_notification()) {
        receive_notification(**session, text, scan);
    } else {
        receive_response(**session, text, scan);
    }
    co_await accept(connection, incoming);
}

}  // namespace gw::transport
