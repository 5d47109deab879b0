#include "transport/connection.hpp"

#include "http/text.hpp"
#include "transport/get_stream.hpp"
#include "transport/pipeline.hpp"
#include "transport/post.hpp"

#include <utility>

namespace gw::transport {

using http::Method;

namespace {

std::size_t size_of(std::span<const std::string_view> parts) {
    std::size_t size = 0;
    for (const auto part : parts)
        size += part.size();
    return size;
}

}  // namespace

Connection::Connection(
    Endpoint& endpoint,
    std::unique_ptr<net::ByteStream> stream,
    std::string peer,
    Buffer unread,
    async::Allowance::Hold place
)
    : endpoint_(endpoint),
      stream_(std::move(stream)),
      peer_(std::move(peer)),
      place_(std::move(place)),
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
        const auto shaken = co_await stream_->handshake();
        if (shaken) {
            do {
                if (auto incoming = co_await receive()) co_await answer(*incoming);
                // A stream may live long; the request that it began with is gone by now.
                if (get_stream_) co_await serve_get_stream();
                // A request that was sent ahead stays unread behind one that was watched: no
                // client does that, and it finds its connection closed.
                if (is_watched_ && !in_.empty()) break;
            } while (keeps_alive_ && !has_moved_ && stream_->is_open() && !fiber_->is_cancelled);
        } else if (shaken.error().kind == Errc::malformed) {
            keeps_alive_ = false;
            lingers_ = true;
            co_await refuse(*std::make_unique<Incoming>(), shaken.error());
        }
        if (lingers_) co_await linger();
        deadline_ = nullptr;
        if (has_moved_) co_return;
    }
    co_await stream_->finish();
}

void Connection::close_if_idle() {
    if (is_idle_) stream_->close();
}

void Connection::move_to(unsigned shard, Incoming& incoming) {
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
    migrate(shard, incoming, std::move(bytes));
}

// The connection keeps its place; the request takes another one there.
void Connection::migrate(unsigned shard, Incoming& incoming, Buffer bytes) {
    has_moved_ = true;
    incoming.running = {};
    place_.leave();
    endpoint_.parts_.migrate(shard, {stream_->detach(), std::move(bytes), std::move(peer_)});
}

void Connection::watch(net::ByteStream::Observer& observer) {
    stream_->set_observer(&observer);
    if (is_watched_) return;
    is_watched_ = true;
    if (!first_bytes_) first_bytes_ = std::make_unique<std::array<char, 1024>>();
    stream_->start_read(*first_bytes_);
}

bool Connection::has_ended() const {
    return is_watched_ && stream_->has_read_end();
}

ReplyHead Connection::reply_to(const Incoming& incoming) {
    ReplyHead head(endpoint_.reply_start());
    head.origin = readable_by(endpoint_, incoming);
    head.keeps_alive = keeps_alive_;
    head.has_content = incoming.head.method() != Method::head;
    return head;
}

Task<> Connection::refuse(Incoming& incoming, const Error& error) {
    if (!stream_->is_open() || error.kind == Errc::cancelled) co_return;
    Buffer out;
    auto head = reply_to(incoming);
    if (error.kind == Errc::foreign_origin) head.origin = {};
    head.fault = incoming.fault;
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
    const auto written = stream_->write_now(parts);
    if (written && *written) co_return true;
    if (written && co_await write_slowly(parts)) co_return true;
    stream_->close();
    co_return false;
}

// A client may take as long as it needs for all of it, as long as it goes on taking.
Task<Result<void>> Connection::write_slowly(std::span<std::string_view> parts) {
    auto& shard = endpoint_.shard();
    async::Deadline deadline(shard.wheel(), shard.now(), co_await this_fiber());
    SlowWrite slow(*stream_, peer_, source_, size_of(parts), shard.now());
    endpoint_.slow_writes_.add(slow);
    for (;;) {
        const auto left = size_of(parts);
        slow.left = left;
        deadline.move(shard.now() + endpoint_.options().write_timeout);
        do {
            GW_CO_DO(co_await stream_->wait_writable());
            GW_CO_TRY(const bool is_done, stream_->write_now(parts));
            if (is_done) co_return Result<void>();
        } while (size_of(parts) == left);
    }
}

Task<bool> Connection::send(Buffer head, std::string_view body, std::string_view tail) {
    std::array parts{head.view(), body, tail};
    co_return co_await write_parts(parts);
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

void Connection::log(const Incoming& incoming) {
    if (!endpoint_.options().is_logging_access) return;
    const auto text = incoming.bytes.view();
    const auto target = incoming.head_size > 0 ? incoming.head.target.of(text) : std::string_view();
    const auto duration = endpoint_.shard().clock().now() - incoming.started;
    auto method = incoming.rpc_method;  // A JSON string as it came.
    if (method.size() >= 2) method = method.substr(1, method.size() - 2);
    endpoint_.parts_.log_request(
        {.peer = peer_,
         .principal = std::string_view(incoming.who.name),
         .http_method = incoming.head_size > 0 ? incoming.head.method_text(text) : "",
         .path = target.substr(0, target.find('?')),
         .rpc_method = method,
         .status = incoming.status,
         .milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count()}
    );
}

}  // namespace gw::transport
