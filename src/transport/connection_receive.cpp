#include "http/chunked.hpp"
#include "transport/get_stream.hpp"
#include "transport/pipeline.hpp"

#include <algorithm>
#include <limits>
#include <utility>

// How a Connection reads a request.
namespace gw::transport {

using http::Field;

namespace {

constexpr std::size_t room = 16 * 1024;  // Of one read into a body.
constexpr auto no_size = std::numeric_limits<std::size_t>::max();

// What a request may have without taking part in the budget: limits.in_flight_max bounds it.
constexpr std::size_t small_request = 2 * Buffer::usual;

// What the request may have now, and what it needs for the next read. `size_max` is what it may
// have in all.
std::size_t room_of(const Incoming& incoming) {
    return small_request + incoming.room.size();
}

std::size_t room_for_more(const Incoming& incoming, std::size_t size_max) {
    return std::min(incoming.bytes.size() + room, size_max);
}

std::size_t left_for_answers(const async::Budget& budget) {
    return budget.limit() / 4;
}

// What HTTP calls that for which a head was refused; nothing when it is plainly malformed.
std::optional<HttpFault> fault_of(Errc kind, const http::Head& head) {
    if (kind == Errc::unsupported_version) return HttpFault::unsupported_http;
    if (kind != Errc::payload_too_large) return {};
    return head.target ? HttpFault::head_too_large : HttpFault::target_too_long;
}

}  // namespace

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

Task<std::unique_ptr<Incoming>> Connection::receive() {
    auto made = std::make_unique_for_overwrite<Incoming>();  // Which does not clear its head.
    auto& incoming = *made;
    auto has_head = co_await receive_head(incoming);
    is_idle_ = false;
    if (has_head && !*has_head) {
        keeps_alive_ = false;
        co_return nullptr;
    }
    ++endpoint_.counters.requests;
    if (endpoint_.options().is_logging_access) incoming.started = endpoint_.shard().clock().now();
    if (!has_head) {  // Where it ends is unknown, so nothing after it can be read.
        incoming.head_size = 0;
        incoming.fault = fault_of(has_head.error().kind, incoming.head);
        keeps_alive_ = false;
        lingers_ = true;
        co_await refuse(incoming, has_head.error());
        co_return nullptr;
    }
    keeps_alive_ = incoming.head.keeps_alive;
    incoming.bytes = std::exchange(in_, {});
    auto checked = check_head(endpoint_, incoming);
    if (checked && incoming.place == Place::mcp) {
        if (const auto shard = other_shard(incoming)) {
            migrate(*shard, incoming, std::move(incoming.bytes));
            co_return nullptr;
        }
    }
    if (checked) checked = co_await receive_body(incoming);
    if (incoming.large) incoming.large->end_reading();
    if (checked) co_return made;
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
        // Who asks first sends nothing after a refusal.
        const bool asks_first =
            incoming.head.expects_continue && incoming.bytes.size() == incoming.head_size;
        lingers_ = !asks_first;
    }
    co_await refuse(incoming, checked.error());
    co_return nullptr;
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
        if (room_of(incoming) < room_for_more(incoming, whole)) {
            GW_CO_DO(co_await make_room(incoming, whole));
        }
        const auto missing = whole - incoming.bytes.size();
        // A body that is only announced takes no memory: it is made room for as it comes.
        auto space = incoming.bytes.prepare(std::min<std::size_t>(missing, room));
        const auto count = co_await stream_->read(space);
        if (!count || *count == 0) co_return unfinished(incoming);
        incoming.bytes.commit(*count);
    }
    split_off(incoming, whole);
    incoming.body = incoming.bytes.view().substr(incoming.head_size);
    deadline_->pause();
    co_return Result<void>();
}

std::unexpected<Error> Connection::no_room(const LargeBody& body) {
    deadline_->pause();  // It is not to end the answer.
    std::string reason(too_much_buffered);
    if (body.gives_way) reason += ", and most of it are bodies of yours";
    return fail(Errc::unavailable, std::move(reason));
}

// Why the rest of a body did not come.
std::unexpected<Error> Connection::unfinished(Incoming& incoming) {
    if (incoming.large && incoming.large->gives_way) return no_room(*incoming.large);
    if (!deadline_->has_expired() && fiber_->is_cancelled) {
        return fail(Errc::unavailable, "the gateway is shutting down");
    }
    if (!deadline_->has_expired()) {
        return fail(Errc::malformed, "the request ended before its body did");
    }
    deadline_->pause();  // It has ended the read, and is not to end the answer.
    incoming.fault = HttpFault::late_body;
    return fail(Errc::timed_out, "the body did not come in time (timeouts.body)");
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
                keep_for_next(bytes.view().substr(decoded + fed->consumed));
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
        if (room_of(incoming) < room_for_more(incoming, no_size)) {
            GW_CO_DO(co_await make_room(incoming, no_size));
        }
        const auto count = co_await stream_->read(bytes.prepare(room));
        if (!count || *count == 0) co_return unfinished(incoming);
        bytes.commit(*count);
    }
}

// What a body takes of the budget grows with what has come of it, in steps that double: a size that
// is only announced takes nothing from others. Whatever bodies are under way, a quarter of the
// budget is left for answers, so that whoever sends much does not stop those who ask little. One
// owner alone may have all the rest, until others come.
Task<Result<void>> Connection::make_room(Incoming& incoming, std::size_t size_max) {
    const auto wanted = room_for_more(incoming, size_max);
    auto& parts = endpoint_.parts_;
    if (!incoming.large) {
        const bool is_open = endpoint_.policy().authenticator->is_open();
        const auto owner = is_open ? "@" + peer_ : incoming.who.name;
        incoming.large = std::make_unique<LargeBody>(parts.body_shares, owner, *deadline_);
        endpoint_.large_bodies_.add(*incoming.large);
    }
    auto& body = *incoming.large;
    for (auto has = room_of(incoming); has < wanted; has = room_of(incoming)) {
        const auto step = std::min(has, size_max - has);
        auto more = parts.budget.try_take(step, left_for_answers(parts.budget));
        if (!more) more = co_await take_from_others(body, step);
        if (!more) co_return no_room(body);
        incoming.room.add(*std::move(more));
        body.part.grow(step);
    }
    co_return Result<void>();
}

// What is cut or gives way for it may need a second wait, on another shard.
Task<std::optional<async::Budget::Hold>> Connection::take_from_others(
    LargeBody& body, std::size_t size
) {
    auto& budget = endpoint_.parts_.budget;
    auto& wheel = endpoint_.shard().wheel();
    const auto left = left_for_answers(budget);
    const auto needed = size + left + budget.used_by_all();
    const auto missing = needed - std::min(needed, budget.limit());
    const async::FairShares::Claim claim(body.part, size, missing);
    auto more = co_await budget.take_soon(wheel, size, left);
    if (!more && claim) more = co_await budget.take_soon(wheel, size, left);
    co_return more;
}

// The first `size` bytes are the message; what follows is the next one's.
void Connection::split_off(Incoming& incoming, std::size_t size) {
    if (incoming.bytes.size() == size) return;
    keep_for_next(incoming.bytes.view().substr(size));
    incoming.bytes.truncate(size);
}

// Old clients send an empty line behind a body (RFC 9112, 2.2): it does not begin a request.
void Connection::keep_for_next(std::string_view bytes) {
    if (bytes != "\r\n") in_.append(bytes);
}

// The shard that has the session which the request names, if it is another one.
std::optional<unsigned> Connection::other_shard(const Incoming& incoming) {
    if (endpoint_.parts_.shard_count == 1) return {};
    const auto shard = session::Registry::shard_of(incoming.value(Field::mcp_session_id));
    if (!shard || *shard == endpoint_.shard().index()) return {};
    if (*shard >= endpoint_.parts_.shard_count) return {};
    return shard;
}

}  // namespace gw::transport
