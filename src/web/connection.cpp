#include "web/connection.hpp"

#include "http/text.hpp"
#include "telemetry/metrics.hpp"
#include "web/checks.hpp"
#include "web/preflight.hpp"

#include <utility>

namespace gw::web {

using http::Field;
using http::Method;
using telemetry::Metric;

namespace {

std::size_t size_of(std::span<const std::string_view> parts) {
    std::size_t size = 0;
    for (const auto part : parts)
        size += part.size();
    return size;
}

constexpr telemetry::HttpMethod label_of(Method method) {
    using telemetry::HttpMethod;
    switch (method) {
        case Method::get: return HttpMethod::named("GET");
        case Method::post: return HttpMethod::named("POST");
        case Method::delete_: return HttpMethod::named("DELETE");
        case Method::options: return HttpMethod::named("OPTIONS");
        case Method::head: return HttpMethod::named("HEAD");
        case Method::put: return HttpMethod::named("PUT");
        case Method::patch: return HttpMethod::named("PATCH");
        case Method::other: break;
    }
    return HttpMethod::other();
}

telemetry::HttpMethod method_of(const Request& request) {
    return label_of(request.head_size > 0 ? request.head.method() : Method::other);
}

}  // namespace

Connection::Connection(
    HttpServer& server,
    std::unique_ptr<net::ByteStream> stream,
    std::string peer,
    Buffer unread,
    async::Allowance::Hold place
)
    : server_(server),
      stream_(std::move(stream)),
      peer_(std::move(peer)),
      place_(std::move(place)),
      in_(std::move(unread)) {
    take_policy();
    server_.connections_.push_back(*this);
    server_.shard().metrics().count<Metric::connections_accepted>();
}

Connection::~Connection() {
    server_.connections_.erase(server_.connections_.iterator_to(*this));
}

Task<> Connection::run() {
    fiber_ = &co_await this_fiber();
    {
        async::Deadline deadline(
            server_.shard().wheel(), server_.shard().now() + server_.options().head_timeout, *fiber_
        );
        deadline_ = &deadline;
        if (expects_proxy_header_ && !co_await take_proxy_header()) stream_->close();
        const auto shaken = co_await stream_->handshake();
        if (shaken) {
            do {
                if (const auto request = co_await receive()) {
                    if (request->route == nullptr) {
                        co_await answer_options(*request);
                    } else if (auto known = known_still(*request); !known) {
                        co_await refuse(*request, known.error());
                    } else {
                        co_await request->handler->serve(*this, *request);
                    }
                    if (request->status != 0) account(*request);
                }
                has_come_ = false;
                // A stream may live long; the request that it began with is gone by now.
                if (follower_) co_await follow();
                // A request that was sent ahead stays unread behind one that was watched: no
                // client does that, and it finds its connection closed.
                if (is_watched_ && !in_.empty()) break;
            } while (keeps_alive_ && !has_moved_ && stream_->is_open() && !fiber_->is_cancelled);
        } else if (shaken.error().kind == Errc::malformed) {
            keeps_alive_ = false;
            lingers_ = true;
            co_await refuse(*std::make_unique<Request>(server_.parts_.otherwise), shaken.error());
        }
        // A request that was sent ahead must not cost the client the answer before it.
        if (lingers_ || (server_.is_draining() && !in_.empty())) co_await linger();
        deadline_ = nullptr;
        if (has_moved_) co_return;
    }
    co_await stream_->finish();
}

void Connection::take_policy() {
    is_trusted_proxy_ = server_.options().trusted_proxies.has_peer(peer_);
}

void Connection::close_if_idle() {
    if (is_idle_) stream_->close();
}

bool Connection::give_way() {
    // What has come in this moment may be on its way from the socket to us.
    constexpr std::chrono::milliseconds moment{20};
    const bool is_silent = is_idle_ && !gives_way_ && shard().now() - idle_since_ >= moment &&
                           !stream_->has_read() && stream_->is_quiet();
    if (!is_silent) return false;
    gives_way_ = true;
    stream_->close();
    return true;
}

void Connection::move_to(unsigned shard, Request& request) {
    Buffer bytes;
    const auto text = request.bytes.view();
    bytes.append(text.substr(0, request.head_size));
    const auto body = text.substr(request.head_size);
    if (request.head.body == http::BodyKind::chunked) {
        // It was taken apart in place.
        http::append_hex(bytes, body.size());
        bytes.append("\r\n").append(body).append("\r\n0\r\n\r\n");
    } else {
        bytes.append(body);
    }
    bytes.append(in_.view());
    migrate(shard, request, std::move(bytes));
}

// The connection keeps its place; the request takes another one there.
void Connection::migrate(unsigned shard, Request& request, Buffer bytes) {
    has_moved_ = true;
    request.running = {};
    place_.leave();
    server_.parts_.migrate(shard, {stream_->detach(), std::move(bytes), std::move(peer_)});
}

void Connection::watch(net::ByteStream::Observer& observer) {
    stream_->set_observer(&observer);
    if (is_watched_) return;
    is_watched_ = true;
    if (!first_bytes_) first_bytes_ = std::make_unique<std::array<char, 1024>>();
    stream_->start_read(*first_bytes_);
}

// Its body may have come long after its head was checked.
Result<void> Connection::known_still(const Request& request) {
    return request.has_waited ? check_again(server_, request) : Result<void>();
}

bool Connection::has_ended() const {
    return is_watched_ && stream_->has_read_end();
}

ReplyHead Connection::reply_to(const Request& request) {
    ReplyHead head(server_.reply_start());
    // It was checked, so it may read the answer.
    if (server_.options().has_cors && request.head_size > 0)
        head.origin = request.value(Field::origin);
    if (!head.origin.empty()) head.exposed = request.handler->exposed_headers();
    if (request.resource != nullptr) head.allow = request.resource->allow;
    // RFC 9112, 9.6: who ends the connection says so, and then takes no other request on it.
    if (server_.is_draining()) keeps_alive_ = false;
    head.keeps_alive = keeps_alive_;
    head.has_content = request.head.method() != Method::head;
    return head;
}

Task<> Connection::refuse(Request& request, const Error& error) {
    if (!stream_->is_open() || error.kind == Errc::cancelled) co_return;
    Buffer out;
    auto head = reply_to(request);
    if (error.kind == Errc::foreign_origin) head.origin = {};
    request.status = request.handler->refuse(out, head, request, error);
    co_await write(out);
    server_.shard().metrics().count<Metric::errors>(error.kind);
    account(request);
    request.status = 0;  // It is accounted for.
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
    auto& shard = server_.shard();
    async::Deadline deadline(shard.wheel(), shard.now(), co_await this_fiber());
    SlowWrite slow(*stream_, client(), backlog_, size_of(parts), shard.now());
    server_.slow_writes_.add(slow);
    for (;;) {
        const auto left = size_of(parts);
        slow.left = left;
        deadline.move(shard.now() + server_.options().write_timeout);
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

Task<> Connection::answer_options(Request& request) {
    Buffer out;
    auto head = reply_to(request);
    head.exposed = {};
    request.status = append_preflight(out, head, request);
    co_await write(out);
}

void Connection::follow_with(std::unique_ptr<Follower> follower) {
    follower_ = std::move(follower);
    first_bytes_.reset();
    keeps_alive_ = false;
}

// The connection is an idle stream most of the time, of which there are many.
Task<> Connection::follow() {
    co_await follower_->run();
    co_await stream_->finish();  // What it reads into is the follower's.
    follower_.reset();
}

std::string_view Connection::owner_of(const Request& request) {
    const bool is_known = request.who && !server_.policy().authenticator->is_open();
    if (is_known) return request.who->owner.key();
    address_owner_ = "@" + client();
    return address_owner_;
}

// Counts and logs what was answered. Where it was elsewhere for longer than it took, it went on
// with what another request had begun.
void Connection::account(const Request& request) {
    auto& metrics = server_.shard().metrics();
    const auto duration = server_.shard().clock().now() - request.started;
    metrics.count<Metric::http_requests>(method_of(request), telemetry::Status(request.status));
    metrics.observe<Metric::http_request_duration>(duration);
    if (request.elsewhere.count() > 0 && request.elsewhere <= duration) {
        metrics.observe<Metric::gateway_duration>(duration - request.elsewhere);
    }
    if (!server_.options().is_logging_access) return;
    const auto text = request.bytes.view();
    const auto target = request.head_size > 0 ? request.head.target.of(text) : std::string_view();
    server_.parts_.log_request(
        {.peer = client(),
         .principal = request.who ? std::string_view(request.who->name) : std::string_view(),
         .http_method = request.head_size > 0 ? request.head.method_text(text) : "",
         .path = target.substr(0, target.find('?')),
         .operation = request.operation,
         .status = request.status,
         .milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count()}
    );
}

}  // namespace gw::web
