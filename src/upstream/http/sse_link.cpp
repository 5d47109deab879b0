#include "upstream/http/sse_link.hpp"

#include "async/deadline.hpp"
#include "async/gate.hpp"
#include "base/json.hpp"
#include "http/media_type.hpp"
#include "jsonrpc/message.hpp"
#include "mcp/scan.hpp"
#include "upstream/duplex/duplex.hpp"
#include "upstream/http/event_reader.hpp"
#include "upstream/http/http_outbox.hpp"
#include "upstream/http/session_probe.hpp"
#include "upstream/http/sse_link_endpoint.hpp"

#include <functional>
#include <tuple>
#include <utility>

namespace gw::upstream {

using http::Field;
using http::Method;

namespace {

constexpr http::HeadLimits head_limits{};
constexpr std::size_t ignored_body_max = std::size_t{64} * 1024;
constexpr std::size_t notes_at_a_time = 8;
constexpr std::size_t before_opening_max = 64;  // Messages that are no calls, at a time.

using Connection = std::unique_ptr<http::ClientConnection>;

class SseLink final : public Link, Outlet, SessionProbe::Pinger {
public:
    SseLink(
        LinkResources& around,
        const Config& config,
        HttpOrigin origin,
        mcp::Exchange& outside,
        const LinkPurpose& purpose
    )
        : around_(around),
          config_(config),
          origin_(std::move(origin)),
          lost_(purpose.lost),
          log_(config, around.log, around.shard.wheel()),
          duplex_(around.shard, around.shard.wheel(), around.limits, log_, *this, outside),
          gate_(around.shard),
          notes_(
              around.shard,
              notes_at_a_time,
              [this](std::string message) { return post_note(std::move(message)); },
              [this](std::size_t count) {
                  log_.write("has not taken " + std::to_string(count) + " messages in time");
              }
          ),
          probe_(around.shard, around.shard.wheel(), *this),
          changed_(around.shard) {}

    Task<Result<Slice>> open(std::string_view params) override;

    Task<Result<mcp::Answer>> call(const mcp::Request& request, mcp::Exchange& caller) override {
        return duplex_.call(request, caller);
    }

    void notify(std::string_view method, std::string_view params) override {
        if (is_usable_) duplex_.notify(method, params);
    }

    bool is_usable() const override { return is_usable_; }

    Task<> close() override;

private:
    std::string head(std::string_view method, std::string_view path) const;
    Task<Result<Connection>> get();
    Task<> read(Connection connection);
    Task<Error> read_events(http::ClientConnection& connection);
    Task<Result<void>> handle(http::Event& event, std::shared_ptr<void> hold);
    Result<void> send(Buffer message, std::optional<CallId> call) override;
    Task<> post(Buffer message, std::optional<CallId> call);
    Task<> post_note(std::string message);
    Task<Result<RefusalWords>> say(std::string_view message);
    static Then then_of(const RefusalWords& words);
    Task<Result<void>> judge(const RefusalWords& words);
    Task<SessionProbe::Outcome> ping() override;
    Task<Result<Connection>> connect();

    LinkResources& around_;
    const Config& config_;
    HttpOrigin origin_;
    const std::function<void()> lost_;
    BoundedLog log_;
    Duplex duplex_;
    async::Gate gate_;
    HttpOutbox notes_;  // What is no call, once the session is open.
    SessionProbe probe_;
    std::string endpoint_;  // Path and query; empty until the server has named it.
    std::size_t posting_ = 0;
    async::Event changed_;  // The endpoint is known, the stream ended, or a POST is done.
    bool is_usable_ = false;
    bool has_opened_ = false;
    std::optional<Error> failure_;  // Why the stream ended.
};

std::string SseLink::head(std::string_view method, std::string_view path) const {
    std::string text(method);
    text.append(" ").append(path).append(" HTTP/1.1\r\nHost: ").append(origin_.host);
    text.append("\r\nUser-Agent: bascule\r\nAccept-Encoding: identity\r\n");
    for (const auto& [name, value] : config_.headers) {
        text.append(name).append(": ").append(value).append("\r\n");
    }
    return text;
}

Task<Result<Slice>> SseLink::open(std::string_view params) {
    GW_CO_TRY(auto connection, co_await get());
    is_usable_ = true;
    gate_.spawn(read(std::move(connection)));
    while (endpoint_.empty()) {
        if (failure_) co_return std::unexpected(*failure_);
        if (!co_await changed_.wait()) co_return fail(Errc::cancelled, "the request was withdrawn");
    }
    GW_CO_TRY(auto result, co_await duplex_.open(params));
    // Requests go out on connections of their own, and none may arrive before `initialized`.
    while (posting_ > 0) {
        if (!co_await changed_.wait()) co_return fail(Errc::cancelled, "the request was withdrawn");
    }
    has_opened_ = true;
    co_return std::move(result);
}

Task<Result<Connection>> SseLink::get() {
    GW_CO_TRY(auto connection, co_await connect());
    const auto request = head("GET", origin_.path) + "Accept: text/event-stream\r\n\r\n";
    auto done = co_await connection->send(request);
    if (done) done = co_await connection->receive_head(Method::get, head_limits);
    if (done && connection->head.status != 200) {
        const int status = connection->head.status;
        const bool is_unauthorized = status == 401 || status == 403;
        done = fail(
            is_unauthorized ? Errc::upstream_unauthorized : Errc::upstream_failed,
            "upstream did not open an event stream",
            "status " + std::to_string(status)
        );
    }
    if (done && !http::is_media_type(
                    connection->head.value(Field::content_type, connection->head_text()),
                    "text/event-stream"
                )) {
        done = fail(Errc::upstream_failed, "upstream did not answer with an event stream");
    }
    if (done) co_return connection;
    connection->stream().close();
    origin_.pool.give_back(std::move(connection));
    co_return std::unexpected(std::move(done).error());
}

Task<Result<Connection>> SseLink::connect() {
    if (auto connection = origin_.pool.take_idle()) co_return connection;
    co_return co_await origin_.pool.connect();
}

Task<> SseLink::read(Connection connection) {
    failure_ = co_await read_events(*connection);
    const bool is_lost = std::exchange(is_usable_, false) && has_opened_;
    connection->stream().close();
    origin_.pool.give_back(std::move(connection));
    duplex_.fail_all(*failure_);
    changed_.set();
    if (is_lost && lost_) lost_();
}

// Reads until that fails, and says why.
Task<Error> SseLink::read_events(http::ClientConnection& connection) {
    EventReader events(around_, connection, config_.call_timeout);
    http::Event event;
    for (;;) {
        const auto has_event = co_await events.next(event);
        if (!has_event) co_return has_event.error();
        if (!*has_event) {
            co_return Error{Errc::upstream_failed, "upstream ended the event stream", {}, {}};
        }
        if (auto done = co_await handle(event, events.take_hold()); !done) {
            co_return std::move(done).error();
        }
    }
}

// MCP 2024-11-05, basic/transports, HTTP with SSE: "the server MUST send an `endpoint` event
// containing a URI"; "server messages are sent as SSE `message` events".
Task<Result<void>> SseLink::handle(http::Event& event, std::shared_ptr<void> hold) {
    if (event.event == "endpoint" && endpoint_.empty()) {
        const StreamUrl url{
            .is_tls = origin_.pool.destination().tls != nullptr,
            .authority = origin_.host,
            .path = origin_.path
        };
        GW_CO_TRY(endpoint_, resolve_endpoint(event.data.view(), url));
        changed_.set();
    }
    if (!has_message(event)) co_return Result<void>();
    duplex_.receive(std::move(event.data), std::move(hold));
    if (duplex_.is_congested()) co_await duplex_.relieve();
    co_return Result<void>();
}

Result<void> SseLink::send(Buffer message, std::optional<CallId> call) {
    if (!is_usable_) return fail(Errc::unknown_session, "the upstream server's stream has ended");
    if (!call && has_opened_) {
        notes_.push(std::string(message.view()));
    } else if (call || posting_ < before_opening_max) {
        ++posting_;
        gate_.spawn(post(std::move(message), call));
    }
    return {};
}

Task<> SseLink::post_note(std::string message) {
    ++posting_;
    co_await post(std::move(Buffer().append(message)), {});
}

Task<> SseLink::post(Buffer message, std::optional<CallId> call) {
    const async::Deadline deadline(
        around_.shard.wheel(), around_.shard.now() + config_.call_timeout, co_await this_fiber()
    );
    const auto said = co_await say(message.view());
    --posting_;
    changed_.set();
    const auto done = said ? co_await judge(*said) : Result<void>(std::unexpected(said.error()));
    if (done) co_return;
    if (call) co_return duplex_.fail(*call, done.error());
    log_.write("did not take a message: " + to_string(done.error()));
}

// What the server says to a POST of `message`. The answer to what is in it comes on the stream.
Task<Result<RefusalWords>> SseLink::say(std::string_view message) {
    GW_CO_TRY(auto connection, co_await connect());
    auto request = head("POST", endpoint_) + "Content-Type: application/json\r\nContent-Length: " +
                   std::to_string(message.size()) + "\r\n\r\n";
    request.append(message);
    auto done = co_await connection->send(request);
    if (done) done = co_await connection->receive_head(Method::post, head_limits);
    RefusalWords words;
    std::size_t ignored = 0;
    while (done && ignored <= ignored_body_max) {
        const auto piece = co_await connection->next_piece();
        if (!piece || piece->empty()) break;
        ignored += piece->size();
        words.text += piece->substr(0, RefusalWords::text_max - words.text.size());
        words.is_cut = ignored > words.text.size();
    }
    words.status = connection->head.status;
    origin_.pool.give_back(std::move(connection));
    if (!done) co_return std::unexpected(std::move(done).error());
    mcp::Scan scan;
    if (mcp::scan(words.text, scan) && scan.has(mcp::Part::error)) {
        words.code = json::integer(scan[mcp::Part::error_code].of(words.text));
        words.text = scan[mcp::Part::error_message].of(words.text);
    }
    co_return words;
}

Then SseLink::then_of(const RefusalWords& words) {
    return what_then(
        {.era = Era::sessions,
         .status = words.status,
         .body = words.code ? RefusalBody::other_error : RefusalBody::other,
         .code = words.code,
         .has_session_id = true}
    );
}

// What `words`, the answer to a POST, mean for the message in it. Errc::unknown_session when the
// server did not look at the message, because it does not know the session.
Task<Result<void>> SseLink::judge(const RefusalWords& words) {
    if (words.status >= 200 && words.status < 300) co_return Result<void>();
    auto detail = "status " + std::to_string(words.status);
    if (has_opened_ && then_of(words) == Then::probes) {
        const auto probed = co_await probe_.ask();
        if (probed.state == SessionProbe::State::refused) {
            if (std::exchange(is_usable_, false) && lost_) lost_();
            const bool was_not_run = probed.words == words;
            co_return fail(
                was_not_run ? Errc::unknown_session : Errc::upstream_failed,
                "upstream has lost the session",
                std::move(detail)
            );
        }
    }
    co_return refused_with(words.status, config_, std::move(detail));
}

// The answer comes on the stream, and is dropped there.
Task<SessionProbe::Outcome> SseLink::ping() {
    using enum SessionProbe::State;
    auto words = co_await say(jsonrpc::request(R"("probe")", "ping", {}));
    if (!words) co_return SessionProbe::Outcome();
    if (words->status >= 200 && words->status < 300) co_return SessionProbe::Outcome{lives};
    if (then_of(*words) != Then::probes) co_return SessionProbe::Outcome();
    co_return SessionProbe::Outcome{refused, std::move(*words)};
}

Task<> SseLink::close() {
    is_usable_ = false;
    co_await duplex_.close({Errc::cancelled, "the upstream session was closed", {}, {}});
    co_await probe_.close();
    co_await gate_.close();
    co_await notes_.close();
}

}  // namespace

std::unique_ptr<Link> make_sse_link(
    LinkResources& around,
    const Config& config,
    HttpOrigin origin,
    mcp::Exchange& outside,
    const LinkPurpose& purpose
) {
    return std::make_unique<SseLink>(around, config, std::move(origin), outside, purpose);
}

}  // namespace gw::upstream
