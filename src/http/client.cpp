#include "http/client.hpp"

#include "async/deadline.hpp"
#include "async/yield.hpp"
#include "base/ascii.hpp"
#include "base/assert.hpp"

#include <charconv>
#include <cstring>
#include <utility>

namespace gw::http {

namespace {

constexpr std::size_t room = 16 * 1024;  // Of one read into the body.

std::unexpected<Error> cut_off() {
    return fail(Errc::upstream_failed, "upstream ended the response before its end");
}

// How long the server says that it keeps an idle connection: "timeout=5" (RFC 9112 leaves it to
// the field's own definition; Node sends it).
std::chrono::milliseconds announced_keep_alive(const Head& head, std::string_view text) {
    auto value = head.value(Field::keep_alive, text);
    const auto at = value.find("timeout=");
    if (at == std::string_view::npos) return std::chrono::milliseconds::max();
    value.remove_prefix(at + 8);
    int seconds = 0;
    std::from_chars(value.data(), value.data() + value.size(), seconds);
    return std::chrono::seconds(seconds);
}

}  // namespace

ClientConnection::ClientConnection(async::Loop& loop, std::unique_ptr<net::Stream> stream)
    : loop_(loop), stream_(std::move(stream)) {}

Result<bool> ClientConnection::send_now(std::span<std::string_view> parts) {
    has_answered = false;
    is_body_done_ = false;
    handed_out_ = 0;
    in.truncate(0);
    return stream_->write_now(parts);
}

Task<Result<void>> ClientConnection::send(std::string_view request) {
    std::array parts{request};
    GW_CO_TRY(const bool is_sent, send_now(parts));
    if (!is_sent) co_return co_await stream_->write_rest(parts);
    co_return Result<void>();
}

Task<Result<bool>> ClientConnection::more() {
    if (stream_->is_reading()) {
        GW_CO_TRY(const auto count, co_await stream_->finish_read());
        in.append({ahead_.data(), count});
        has_answered = has_answered || count > 0;
        co_return count > 0;
    }
    GW_CO_TRY(const auto count, co_await stream_->read(in.prepare(room)));
    in.commit(count);
    co_return count > 0;
}

Task<Result<void>> ClientConnection::receive_head(Method request_method, const HeadLimits& limits) {
    for (;;) {
        if (!in.empty()) {
            auto size = parse_response(in.view(), request_method, limits, head);
            if (!size) {
                co_return fail(
                    Errc::upstream_failed, "upstream sent a bad response", size.error().text
                );
            }
            if (*size > 0 && head.status >= 200) {
                head_size = *size;
                co_return begin_body();
            }
            if (*size > 0) {
                in.consume(*size);
                continue;
            }
        }
        GW_CO_TRY(const bool has_more, co_await more());
        if (!has_more) co_return cut_off();
    }
}

// RFC 9110, 8.4: what was asked for is no encoding at all, but some answer as if they were not.
Result<void> ClientConnection::begin_body() {
    chunks_ = {};
    idle_max_ = announced_keep_alive(head, head_text());
    handed_out_ = head_size;
    body_left_ = head.body == BodyKind::sized ? head.content_length : 0;
    is_body_done_ =
        head.body == BodyKind::none || (head.body == BodyKind::sized && body_left_ == 0);
    inflater_.reset();
    if (!head.has(Field::content_encoding) || is_body_done_) return {};
    const auto encoding = head.value(Field::content_encoding, head_text());
    if (equal_ignoring_case(encoding, "identity")) return {};
    const bool is_gzip =
        equal_ignoring_case(encoding, "gzip") || equal_ignoring_case(encoding, "x-gzip");
    if (!is_gzip && !equal_ignoring_case(encoding, "deflate")) {
        constexpr std::size_t shown_max = 40;
        return fail(
            Errc::upstream_failed,
            "upstream encodes its answer (Content-Encoding) in a way that was not asked for",
            std::string(encoding.substr(0, shown_max))
        );
    }
    using enum Inflater::Format;
    inflater_ = std::make_unique<Inflater>(is_gzip ? gzip : deflate);
    return {};
}

Task<Result<void>> ClientConnection::receive_sized() {
    const auto whole = head_size + head.content_length;
    if (in.size() < whole) in.prepare(whole - in.size());
    while (in.size() < whole) {
        GW_CO_TRY(const bool has_more, co_await more());
        if (!has_more) co_return cut_off();
    }
    is_body_done_ = true;
    handed_out_ = whole;
    co_return Result<void>();
}

Slice ClientConnection::take_body() {
    const auto body = in.view().substr(head_size, head.content_length);
    if (in.size() != handed_out_) stream_->close();  // It said more than it announced.
    head_size = 0;
    handed_out_ = 0;
    return Slice(std::exchange(in, {}), body);
}

// Takes `count` bytes out behind the head, which stays for head_text().
void ClientConnection::drop(std::size_t count) {
    const auto left = in.size() - head_size - count;
    std::memmove(in.data() + head_size, in.data() + head_size + count, left);
    in.truncate(head_size + left);
    handed_out_ = head_size;
}

Task<Result<std::string_view>> ClientConnection::next_raw() {
    drop(handed_out_ - head_size);  // It stayed where it was until now.
    for (;;) {
        if (is_body_done_) co_return std::string_view();
        const auto rest = in.view().substr(head_size);
        if (!rest.empty()) {
            if (head.body == BodyKind::chunked) {
                auto run = chunks_.next(rest);
                if (!run) co_return fail(Errc::upstream_failed, "upstream sent a bad chunk");
                handed_out_ += run->consumed;
                is_body_done_ = chunks_.is_done();
                if (!run->payload.empty()) co_return run->payload;
                drop(run->consumed);
                if (is_body_done_ || in.size() > head_size) continue;
            } else {
                const auto size = head.body == BodyKind::sized
                                      ? std::min<std::uint64_t>(rest.size(), body_left_)
                                      : rest.size();
                handed_out_ += size;
                if (head.body == BodyKind::sized) is_body_done_ = (body_left_ -= size) == 0;
                co_return rest.substr(0, size);
            }
        }
        GW_CO_TRY(const bool has_more, co_await more());
        if (!has_more) {
            if (head.body != BodyKind::until_close) co_return cut_off();
            is_body_done_ = true;
        }
    }
}

// A small body may be a large text, so others have their turn behind each piece of it.
Task<Result<std::string_view>> ClientConnection::next_decoded() {
    for (;;) {
        GW_CO_TRY(const auto piece, inflater_->next());
        if (!piece.empty()) {
            co_await async::Yield(loop_);
            co_return piece;
        }
        GW_CO_TRY(const auto raw, co_await next_raw());
        if (raw.empty() && inflater_->is_done()) co_return raw;
        if (raw.empty()) co_return cut_off();
        inflater_->feed(raw);
    }
}

bool ClientConnection::is_reusable() const {
    return is_body_done_ && head.keeps_alive && head.body != BodyKind::until_close &&
           handed_out_ == in.size() && stream_->is_open() && !stream_->is_reading();
}

Pool::Pool(net::Shard& shard, net::Connector& connector, net::Destination to, Limits limits)
    : shard_(shard),
      connector_(connector),
      to_(std::move(to)),
      limits_(limits),
      gate_(shard),
      out_(shard),
      connecting_(shard, limits.connecting_max),
      leaving_(shard, limits.leaving_max) {}

Pool::~Pool() {
    GW_ASSERT(idle_.empty());
}

std::unique_ptr<ClientConnection> Pool::take_idle() {
    while (!idle_.empty()) {
        auto connection = std::move(idle_.back());
        idle_.pop_back();
        if (!connection->stream().has_read() && connection->idle_until_ > shard_.now()) {
            take(*connection, async::Visitors::Visit(out_));
            return connection;
        }
        discard(std::move(connection));  // It closed, or said something unasked.
    }
    return nullptr;
}

void Pool::take(ClientConnection& connection, async::Visitors::Visit visit) {
    connection.taken_.emplace(std::move(visit));
    taken_.push_back(connection);
}

// Also ends the connections that are denied now; the user of one finds that the other side is gone.
void Pool::deny(std::shared_ptr<const net::Networks> networks) {
    to_.denied = std::move(networks);
    for (auto& connection : idle_) {
        if (net::is_denied(to_, connection->stream())) discard(std::move(connection));
    }
    std::erase(idle_, nullptr);
    for (auto& connection : taken_) {
        auto& stream = connection.stream();
        boost::system::error_code ignored;
        if (stream.is_open() && net::is_denied(to_, stream)) {
            stream.socket().shutdown(boost::asio::socket_base::shutdown_both, ignored);
        }
    }
}

Task<Result<std::unique_ptr<ClientConnection>>> Pool::connect() {
    async::Visitors::Visit visit(out_);
    GW_CO_TRY(const auto turn, co_await connecting_.take(1));
    // Meanwhile one may have become free.
    if (auto connection = take_idle()) co_return connection;
    GW_CO_TRY(
        auto stream,
        co_await connector_.connect(shard_, to_, shard_.now() + limits_.connect_timeout)
    );
    auto connection = std::make_unique<ClientConnection>(shard_, std::move(stream));
    take(*connection, std::move(visit));
    connection->arm();
    co_return connection;
}

Task<Result<async::Budget::Hold>> Pool::take_turn_to_leave() {
    const async::Visitors::Visit visit(out_);
    co_return co_await leaving_.take(1);
}

void Pool::give_back(std::unique_ptr<ClientConnection> connection) {
    if (gate_.is_closing() || !connection->is_reusable() ||
        idle_.size() >= limits_.idle_count_max) {
        return discard(std::move(connection));
    }
    const auto announced = connection->idle_max_;
    const auto idle = announced == std::chrono::milliseconds::max()
                          ? limits_.idle_max
                          : announced - std::chrono::seconds(1);
    connection->idle_until_ = shard_.now() + idle;
    connection->is_used = true;
    connection->taken_.reset();
    connection->unlink();
    connection->in.release();
    connection->arm();
    idle_.push_back(std::move(connection));
    if (!is_linked()) shard_.wheel().add(*this, shard_.now() + std::chrono::seconds(1));
}

void Pool::discard(std::unique_ptr<ClientConnection> connection) {
    connection->stream().close();
    connection->taken_.reset();
    connection->unlink();
    gate_.spawn(finish(std::move(connection)));
}

Task<> Pool::finish(std::unique_ptr<ClientConnection> connection) {
    co_await connection->stream().finish();
}

void Pool::expire() {
    for (auto& connection : idle_) {
        if (connection->idle_until_ <= shard_.now() || connection->stream().has_read()) {
            discard(std::move(connection));
        }
    }
    std::erase(idle_, nullptr);
    if (!idle_.empty()) shard_.wheel().add(*this, shard_.now() + std::chrono::seconds(1));
}

Task<> Pool::close() {
    co_await out_.close();
    while (!idle_.empty()) {
        discard(std::move(idle_.back()));
        idle_.pop_back();
    }
    co_await gate_.close();
}

}  // namespace gw::http
