#include "transport/connection.hpp"

#include "async/gate.hpp"
#include "http/chunked.hpp"
#include "http/text.hpp"
#include "transport/pipeline.hpp"
#include "transport/post.hpp"
#include "transport/stream_writer.hpp"

#include <utility>

namespace gw::transport {

using http::Field;
using http::Method;

struct Connection::GetStream {
    GetStream(
        Connection& connection,
        session::Session& session,
        session::Stream& stream,
        std::uint64_t sequence
    )
        : use(session), writer(connection, session, stream, sequence) {}

    session::Use use;
    StreamWriter writer;
    Buffer head;
    bool is_resumed = false;
};

namespace {

constexpr std::size_t room = 16 * 1024;  // Of one read into a body.

}  // namespace

Connection::Connection(
    Endpoint& endpoint, std::unique_ptr<net::Stream> stream, std::string peer, Buffer unread
)
    : endpoint_(endpoint),
      stream_(std::move(stream)),
      peer_(std::move(peer)),
      in_(std::move(unread)) {
    endpoint_.connections_.push_back(*this);
    ++endpoint_.counters.connections;
}

Connection::~Connection() {
    endpoint_.connections_.erase(endpoint_.connections_.iterator_to(*this));
}

Task<> Connection::run() {
    fiber_ = &co_await this_fiber();
    {
        async::Deadline deadline(
            endpoint_.shard().wheel(),
            endpoint_.shard().now() + endpoint_.options().head_timeout,
            *fiber_
        );
        deadline_ = &deadline;
        bool has_moved = false;
        if (co_await stream_->handshake()) {
            do {
                auto incoming = std::make_unique<Incoming>();
                const auto next = co_await receive(*incoming);
                has_moved = next == Next::moved;
                if (next != Next::answer) break;
                ++endpoint_.in_flight;
                co_await answer(*incoming);
                --endpoint_.in_flight;
                has_moved = moves_to_.has_value();
                if (has_moved) break;
                incoming.reset();  // A stream may live long; what it began with need not.
                if (get_stream_) co_await serve_get_stream();
                // A request that was sent ahead stays unread behind one that was watched: no
                // client does that, and it finds its connection closed.
                if (is_watched_ && !in_.empty()) break;
            } while (keeps_alive_ && stream_->is_open() && !fiber_->is_cancelled);
        }
        deadline_ = nullptr;
        if (has_moved) co_return;
    }
    co_await stream_->finish();
}

void Connection::close_if_idle() {
    if (is_idle_) stream_->close();
}

void Connection::move_to(unsigned shard, Incoming& incoming) {
    moves_to_ = shard;
    Buffer bytes;
    const auto text = incoming.bytes.view();
    bytes.append(text.substr(0, incoming.head_size));
    const auto body = text.substr(incoming.head_size);
    if (incoming.head.body == http::BodyKind::chunked) {
        // It was taken apart in place.
        http::append_hex(bytes, body.size());
        bytes.append("\r\n").append(body).append("\r\n0\r\n\r\n");
    } else {
        bytes.append(body);
    }
    bytes.append(in_.view());
    endpoint_.parts_.migrate(shard, {stream_->detach(), std::move(bytes), std::move(peer_)});
}

void Connection::watch(net::Stream::Observer& observer) {
    stream_->set_observer(&observer);
    if (is_watched_) return;
    is_watched_ = true;
    if (!first_bytes_) first_bytes_ = std::make_unique<std::array<char, 1024>>();
    stream_->start_read(*first_bytes_);
}

bool Connection::has_ended() const {
    return is_watched_ && stream_->has_read_end();
}

// Reads what comes next; false when nothing more will.
Task<bool> Connection::more() {
    if (std::exchange(is_watched_, false)) {
        const auto count = co_await stream_->finish_read();
        if (!count || *count == 0) co_return false;
        in_.append({first_bytes_->data(), *count});
        co_return true;
    }
    if (!in_.empty()) {
        const auto count = co_await stream_->read(in_.prepare(room));
        if (!count || *count == 0) co_return false;
        in_.commit(*count);
        co_return true;
    }
    // An idle connection holds no more memory than this.
    if (!first_bytes_) first_bytes_ = std::make_unique<std::array<char, 1024>>();
    const auto count = co_await stream_->read(*first_bytes_);
    if (!count || *count == 0) co_return false;
    in_.append({first_bytes_->data(), *count});
    co_return true;
}

// True when a head has come, false when the connection ended before.
Task<Result<bool>> Connection::receive_head(Incoming& incoming) {
    // Options may be replaced while this waits, so none of them is kept.
    const http::HeadLimits limits{
        endpoint_.options().head_bytes_max, endpoint_.options().headers_max
    };
    auto& now = endpoint_.shard();
    is_idle_ = in_.empty();
    deadline_->move(
        now.now() + (is_idle_ ? endpoint_.options().idle_timeout : endpoint_.options().head_timeout)
    );
    for (;;) {
        if (!in_.empty()) {
            GW_CO_TRY(incoming.head_size, http::parse_request(in_.view(), limits, incoming.head));
            if (incoming.head_size > 0) co_return true;
        }
        if (is_idle_ && endpoint_.is_draining_) co_return false;
        if (!co_await more()) co_return false;
        if (std::exchange(is_idle_, false)) {
            deadline_->move(now.now() + endpoint_.options().head_timeout);
        }
    }
}

Task<Connection::Next> Connection::receive(Incoming& incoming) {
    auto has_head = co_await receive_head(incoming);
    is_idle_ = false;
    if (has_head && !*has_head) co_return Next::ended;
    ++endpoint_.counters.requests;
    if (endpoint_.options().is_logging_access) incoming.started = endpoint_.shard().clock().now();
    if (!has_head) {  // Where it ends is unknown, so nothing after it can be read.
        incoming.head_size = 0;
        keeps_alive_ = false;
        co_await refuse(incoming, has_head.error());
        co_return Next::ended;
    }
    keeps_alive_ = incoming.head.keeps_alive;
    incoming.bytes = std::exchange(in_, {});
    auto checked = check_head(endpoint_, incoming);
    if (checked && incoming.place == Place::mcp) {
        if (const auto shard = other_shard(incoming)) {
            endpoint_.parts_.migrate(
                *shard, {stream_->detach(), std::move(incoming.bytes), std::move(peer_)}
            );
            co_return Next::moved;
        }
    }
    if (checked) checked = co_await receive_body(incoming);
    if (checked) co_return Next::answer;
    // A body that was not read makes the connection useless, but for one that was announced small
    // and has come already.
    const auto whole = incoming.head_size + incoming.head.content_length;
    const bool is_whole =
        incoming.head.body == http::BodyKind::none ||
        (incoming.head.body == http::BodyKind::sized && incoming.bytes.size() >= whole);
    if (is_whole) {
        split_off(
            incoming, incoming.head.body == http::BodyKind::none ? incoming.head_size : whole
        );
    } else {
        keeps_alive_ = false;
    }
    co_await refuse(incoming, checked.error());
    if (!keeps_alive_) co_return Next::ended;
    co_return co_await receive(incoming);
}

Task<Result<void>> Connection::receive_body(Incoming& incoming) {
    deadline_->move(endpoint_.shard().now() + endpoint_.options().body_timeout);
    const auto& head = incoming.head;
    if (head.expects_continue && head.body != http::BodyKind::none &&
        incoming.bytes.size() == incoming.head_size) {
        std::array parts{std::string_view("HTTP/1.1 100 Continue\r\n\r\n")};
        if (!co_await write_parts(parts)) co_return fail(Errc::cancelled, "the client has gone");
    }
    if (head.body == http::BodyKind::chunked) {
        GW_CO_DO(co_await receive_chunks(incoming));
        deadline_->pause();
        co_return Result<void>();
    }
    const auto whole = incoming.head_size + head.content_length;
    while (incoming.bytes.size() < whole) {
        const auto missing = whole - incoming.bytes.size();
        // A body that is only announced takes no memory: it is made room for as it comes.
        auto space = incoming.bytes.prepare(std::min<std::size_t>(missing, room));
        const auto count = co_await stream_->read(space);
        if (!count || *count == 0) {
            co_return fail(Errc::malformed, "the request ended before its body did");
        }
        incoming.bytes.commit(*count);
    }
    split_off(incoming, whole);
    incoming.body = incoming.bytes.view().substr(incoming.head_size);
    deadline_->pause();
    co_return Result<void>();
}

// The first `size` bytes are the message; what follows is the next one's.
void Connection::split_off(Incoming& incoming, std::size_t size) {
    if (incoming.bytes.size() == size) return;
    in_.append(incoming.bytes.view().substr(size));
    incoming.bytes.truncate(size);
}

Task<Result<void>> Connection::receive_chunks(Incoming& incoming) {
    http::ChunkedDecoder decoder;
    std::size_t decoded = incoming.head_size;  // Payload ends here; raw bytes follow.
    for (;;) {
        auto& bytes = incoming.bytes;
        const auto raw = bytes.size() - decoded;
        if (raw > 0) {
            auto fed = decoder.feed({bytes.data() + decoded, raw});
            if (!fed) co_return std::unexpected(std::move(fed).error());
            if (decoder.is_done()) {
                in_.append(bytes.view().substr(decoded + fed->consumed));
            }
            decoded += fed->payload;
            bytes.truncate(decoded);
            if (decoded - incoming.head_size > endpoint_.options().body_bytes_max) {
                co_return fail(
                    Errc::payload_too_large, "the body is over the limit (limits.body_bytes_max)"
                );
            }
            if (decoder.is_done()) {
                incoming.body = bytes.view().substr(incoming.head_size);
                co_return Result<void>();
            }
        }
        const auto count = co_await stream_->read(bytes.prepare(room));
        if (!count || *count == 0) {
            co_return fail(Errc::malformed, "the request ended before its body did");
        }
        bytes.commit(*count);
    }
}

// The shard that has the session which the request names, if it is another one.
std::optional<unsigned> Connection::other_shard(const Incoming& incoming) {
    if (endpoint_.parts_.shard_count == 1) return {};
    const auto shard = session::Registry::shard_of(incoming.value(Field::mcp_session_id));
    if (!shard || *shard == endpoint_.shard().index()) return {};
    if (*shard >= endpoint_.parts_.shard_count) return {};
    return shard;
}

Task<> Connection::refuse(Incoming& incoming, const Error& error) {
    if (!stream_->is_open() || error.kind == Errc::cancelled) co_return;
    Buffer out;
    ReplyHead head;
    head.keeps_alive = keeps_alive_;
    if (incoming.head_size > 0 && error.kind != Errc::foreign_origin) {
        head.origin = readable_by(endpoint_, incoming);
    }
    const auto revision = incoming.is_stateless ? mcp::newest : mcp::newest_with_sessions;
    incoming.status = append_failure(out, head, error, {}, revision);
    co_await write(out);
    log(incoming);
    incoming.status = 0;  // It is logged.
}

Task<bool> Connection::write(const Buffer& bytes) {
    std::array parts{bytes.view()};
    co_return co_await write_parts(parts);
}

Task<bool> Connection::write_parts(std::span<std::string_view> parts) {
    auto written = stream_->write_now(parts);
    if (written && *written) co_return true;
    if (written) {
        const async::Deadline deadline(
            endpoint_.shard().wheel(),
            endpoint_.shard().now() + endpoint_.options().write_timeout,
            co_await this_fiber()
        );
        if (co_await stream_->write_rest(parts)) co_return true;
    }
    stream_->close();
    co_return false;
}

Task<> Connection::send(Buffer head, std::string_view body, std::string_view tail) {
    std::array parts{head.view(), body, tail};
    co_await write_parts(parts);
}

Task<> Connection::answer(Incoming& incoming) {
    if (incoming.place != Place::mcp) {
        co_await answer_health(incoming);
    } else if (incoming.head.method() == Method::post) {
        co_await answer_post(*this, incoming);
    } else if (incoming.head.method() == Method::get) {
        co_await answer_get(incoming);
    } else if (incoming.head.method() == Method::delete_) {
        co_await answer_delete(incoming);
    } else {
        Buffer out;
        append_preflight(out, endpoint_, incoming);
        incoming.status = 204;
        co_await write(out);
    }
    if (incoming.status != 0) log(incoming);
}

Task<> Connection::answer_health(Incoming& incoming) {
    const bool is_good = incoming.place == Place::health || endpoint_.is_ready();
    const std::string_view body = is_good ? R"({"status":"ok"})" : R"({"status":"not ready"})";
    ReplyHead head;
    head.status = is_good ? 200 : 503;
    head.keeps_alive = keeps_alive_;
    Buffer out;
    incoming.status = head.status;
    append_head(out, head, body.size());
    if (incoming.head.method() != Method::head) out.append(body);
    co_await write(out);
}

Task<> Connection::answer_delete(Incoming& incoming) {
    auto& sessions = endpoint_.parts_.sessions;
    const auto id = incoming.value(Field::mcp_session_id);
    if (id.empty()) {
        co_await refuse(
            incoming,
            {Errc::session_required, "Bad Request: Mcp-Session-Id header is required", {}, {}}
        );
        co_return;
    }
    auto session = sessions.find(id, incoming.who, incoming.server);
    if (!session) {
        co_await refuse(incoming, session.error());
        co_return;
    }
    sessions.end(**session);
    ReplyHead head;
    head.content_type = {};
    head.origin = readable_by(endpoint_, incoming);
    head.keeps_alive = keeps_alive_;
    incoming.status = head.status;
    Buffer out;
    append_head(out, head, 0);
    co_await write(out);
}

Task<> Connection::answer_get(Incoming& incoming) {
    const auto id = incoming.value(Field::mcp_session_id);
    if (id.empty()) {
        const bool is_required = endpoint_.options().sessions == SessionMode::required;
        co_await refuse(
            incoming,
            {is_required ? Errc::session_required : Errc::method_not_allowed,
             "Bad Request: Mcp-Session-Id header is required",
             {},
             {}}
        );
        co_return;
    }
    auto session = endpoint_.parts_.sessions.find(id, incoming.who, incoming.server);
    if (!session) {
        co_await refuse(incoming, session.error());
        co_return;
    }
    session::EventId from{0, 0};
    bool is_resumed = false;
    if (incoming.head.has(Field::last_event_id)) {
        const auto last = session::parse_event_id(incoming.value(Field::last_event_id));
        auto* const stream = last ? (*session)->find_stream(last->stream) : nullptr;
        if (stream == nullptr || last->sequence > stream->last()) {
            co_await refuse(
                incoming,
                {Errc::invalid_request, "Last-Event-ID names no event of this session", {}, {}}
            );
            co_return;
        }
        from = *last;
        is_resumed = true;
    } else {
        from.sequence = (*session)->get_stream().delivered;
    }
    ReplyHead head;
    head.content_type = "text/event-stream";
    head.keeps_alive = false;
    head.origin = readable_by(endpoint_, incoming);
    incoming.status = 200;
    auto& stream = *(*session)->find_stream(from.stream);
    get_stream_ = std::make_unique<GetStream>(*this, **session, stream, from.sequence);
    get_stream_->is_resumed = is_resumed;
    append_stream_head(get_stream_->head, head);
    first_bytes_.reset();
    keeps_alive_ = false;
}

// From here on the connection is an idle stream most of the time, of which there are many.
Task<> Connection::serve_get_stream() {
    co_await get_stream_->writer.serve_get(std::move(get_stream_->head), get_stream_->is_resumed);
    co_await stream_->finish();  // It reads into the writer.
    get_stream_.reset();
}

void Connection::log(const Incoming& incoming) {
    if (!endpoint_.options().is_logging_access) return;
    const auto text = incoming.bytes.view();
    const auto target = incoming.head_size > 0 ? incoming.head.target.of(text) : std::string_view();
    const auto duration = endpoint_.shard().clock().now() - incoming.started;
    endpoint_.parts_.log_request(
        {.peer = peer_,
         .principal = std::string_view(incoming.who.name),
         .http_method = incoming.head_size > 0 ? incoming.head.method_text(text) : "",
         .path = target.substr(0, target.find('?')),
         .rpc_method = incoming.rpc_method,
         .status = incoming.status,
         .milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count()}
    );
}

}  // namespace gw::transport
