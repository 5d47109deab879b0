#include "async/sleep.hpp"
#include "http/chunked.hpp"
#include "web/checks.hpp"
#include "web/connection.hpp"
#include "web/proxy_header.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

// How a Connection reads a request.
namespace gw::web {

namespace {

constexpr std::size_t room = 16 * 1024;  // Of one read into a body.
constexpr std::chrono::milliseconds places_come_back_within{50};

// What the request may have now, and what it needs for the next read. `size_max` is what it may
// have in all.
std::size_t room_of(const Request& request) {
    return small_request + request.room.size();
}

std::size_t room_for_more(const Request& request, std::size_t size_max) {
    return std::min(request.bytes.size() + room, size_max);
}

// HTTP's own name for why a head was refused; nothing when it is plainly malformed.
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
Task<Result<bool>> Connection::receive_head(Request& request) {
    // Options may be replaced while this waits, so none of them is kept.
    const http::HeadLimits limits{server_.options().head_bytes_max, server_.options().headers_max};
    auto& now = server_.shard();
    is_idle_ = in_.empty();
    if (is_idle_) {
        idle_since_ = now.now();
        server_.put_last(*this);
    }
    deadline_->move(
        now.now() + (is_idle_ ? server_.options().idle_timeout : server_.options().head_timeout)
    );
    for (;;) {
        if (!in_.empty()) {
            GW_CO_TRY(request.head_size, http::parse_request(in_.view(), limits, request.head));
            if (request.head_size > 0) co_return true;
        }
        if (is_idle_ && server_.is_draining_) co_return false;
        if (!co_await more()) co_return false;
        if (std::exchange(is_idle_, false)) {
            deadline_->move(now.now() + server_.options().head_timeout);
        }
    }
}

Task<std::unique_ptr<Request>> Connection::receive() {
    auto made = std::make_unique<Request>(server_.parts_.otherwise);
    auto& request = *made;
    client_.clear();
    auto has_head = co_await receive_head(request);
    is_idle_ = false;
    if (has_head && !*has_head) {
        keeps_alive_ = false;
        co_return nullptr;
    }
    request.started = server_.shard().clock().now();
    if (!has_head) {  // Where it ends is unknown, so nothing after it can be read.
        if (is_proxy_header(in_.view())) {
            refuse_proxy_header("trusted_proxies and proxy_protocol allow it no PROXY header");
            co_return nullptr;
        }
        request.head_size = 0;
        request.fault = fault_of(has_head.error().kind, request.head);
        keeps_alive_ = false;
        lingers_ = true;
        co_await refuse(request, has_head.error());
        co_return nullptr;
    }
    keeps_alive_ = request.head.keeps_alive;
    request.bytes = std::exchange(in_, {});
    request.peer = peer_;
    if (is_trusted_proxy_) request.proxy = &peer_;
    auto home = check_head(server_, request);
    const bool has_no_place = !home && !request.running && home.error().kind == Errc::unavailable;
    if (has_no_place && server_.parts_.in_flight.has_others()) {
        home = co_await check_when_there_is_a_place(request);
    }
    if (home && request.awaits_principal) home = co_await check_once_known(request);
    if (request.forwarding) client_ = request.forwarding->client;
    Result<void> checked;
    if (!home) {
        checked = std::unexpected(home.error());
    } else if (*home && may_move()) {
        migrate(**home, request, std::move(request.bytes));
        co_return nullptr;
    } else {
        const auto come = request.bytes.size();
        checked = co_await receive_body(request);
        request.has_waited = request.head.body == http::BodyKind::chunked ||
                             come < request.head_size + request.body.size();
    }
    if (request.large) request.large->end_reading();
    if (checked) co_return made;
    // A body that was not read makes the connection useless, but for one that was announced small
    // and has come already.
    const auto whole = request.head_size + request.head.content_length;
    const bool is_whole =
        request.head.body == http::BodyKind::none ||
        (request.head.body == http::BodyKind::sized && request.bytes.size() >= whole);
    if (is_whole) {
        split_off(request, request.head.body == http::BodyKind::none ? request.head_size : whole);
    } else {
        keeps_alive_ = false;
        // Who asks first sends nothing after a refusal.
        const bool asks_first =
            request.head.expects_continue && request.bytes.size() == request.head_size;
        lingers_ = !asks_first;
    }
    co_await refuse(request, checked.error());
    co_return nullptr;
}

// Whoever has read an answer may be as fast as the shard that has written it: his next request
// comes to another one while the place of the first is on its way back.
Task<Result<std::optional<unsigned>>> Connection::check_when_there_is_a_place(Request& request) {
    auto& shard = server_.shard();
    const auto until = shard.now() + places_come_back_within;
    while (co_await async::sleep_until(shard, shard.wheel(), shard.now() + async::Wheel::tick)) {
        auto home = check_head(server_, request);
        if (request.running || shard.now() >= until) co_return home;
    }
    co_return check_head(server_, request);
}

// Whoever is asked has as long as a head may take. The client may leave meanwhile: that shows when
// it is answered.
Task<Result<std::optional<unsigned>>> Connection::check_once_known(Request& request) {
    deadline_->move(server_.shard().now() + server_.options().head_timeout);
    const auto known = co_await await_principal(server_, request);
    deadline_->pause();
    if (!known) co_return std::unexpected(known.error());
    co_return check_known(server_, request);
}

Task<Result<void>> Connection::receive_body(Request& request) {
    deadline_->move(server_.shard().now() + server_.options().body_timeout);
    const auto& head = request.head;
    if (head.expects_continue && head.body != http::BodyKind::none &&
        request.bytes.size() == request.head_size) {
        std::array parts{std::string_view("HTTP/1.1 100 Continue\r\n\r\n")};
        if (!co_await write_parts(parts)) co_return fail(Errc::cancelled, "the client has gone");
    }
    if (head.body == http::BodyKind::chunked) {
        GW_CO_DO(co_await receive_chunks(request));
        deadline_->pause();
        co_return Result<void>();
    }
    const auto whole = request.head_size + head.content_length;
    while (request.bytes.size() < whole) {
        if (room_of(request) < room_for_more(request, whole)) {
            GW_CO_DO(co_await make_room(request, whole));
        }
        const auto missing = whole - request.bytes.size();
        // A body that is only announced takes no memory: it is made room for as it comes.
        auto space = request.bytes.prepare(std::min<std::size_t>(missing, room));
        const auto count = co_await stream_->read(space);
        if (!count || *count == 0) co_return unfinished(request);
        request.bytes.commit(*count);
    }
    split_off(request, whole);
    request.body = request.bytes.view().substr(request.head_size);
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
std::unexpected<Error> Connection::unfinished(Request& request) {
    if (request.large && request.large->gives_way) return no_room(*request.large);
    if (!deadline_->has_expired() && fiber_->is_cancelled) {
        return fail(Errc::unavailable, "the gateway is shutting down");
    }
    if (!deadline_->has_expired()) {
        return fail(Errc::malformed, "the request ended before its body did");
    }
    deadline_->pause();  // It has ended the read, and is not to end the answer.
    request.fault = HttpFault::late_body;
    return fail(Errc::timed_out, "the body did not come in time (timeouts.body)");
}

Task<Result<void>> Connection::receive_chunks(Request& request) {
    http::ChunkedDecoder decoder;
    std::size_t decoded = request.head_size;  // Payload ends here; raw bytes follow.
    for (;;) {
        auto& bytes = request.bytes;
        const auto raw = bytes.size() - decoded;
        if (raw > 0) {
            auto fed = decoder.feed({bytes.data() + decoded, raw});
            if (!fed) co_return std::unexpected(std::move(fed).error());
            if (decoder.is_done()) {
                keep_for_next(bytes.view().substr(decoded + fed->consumed));
            }
            decoded += fed->payload;
            bytes.truncate(decoded);
            GW_CO_DO(check_size(server_, request, decoded - request.head_size));
            if (decoder.is_done()) {
                request.body = bytes.view().substr(request.head_size);
                co_return Result<void>();
            }
        }
        // So that the last step is not larger than what may still come.
        const auto most = largest_request(server_.parts_.budget);
        if (room_of(request) < room_for_more(request, most)) {
            GW_CO_DO(co_await make_room(request, most));
        }
        const auto count = co_await stream_->read(bytes.prepare(room));
        if (!count || *count == 0) co_return unfinished(request);
        bytes.commit(*count);
    }
}

// A body takes bytes of the budget as it comes, in steps that double: a size that is only announced
// takes nothing from others. Whatever bodies are under way, a quarter of the
// budget is left for answers, so that whoever sends much does not stop those who ask little. One
// owner alone may have all the rest, until others come.
Task<Result<void>> Connection::make_room(Request& request, std::size_t size_max) {
    const auto wanted = room_for_more(request, size_max);
    auto& parts = server_.parts_;
    if (!request.large) {
        request.large =
            std::make_unique<LargeBody>(parts.body_shares, owner_of(request), *deadline_);
        server_.large_bodies_.add(*request.large);
    }
    auto& body = *request.large;
    for (auto has = room_of(request); has < wanted; has = room_of(request)) {
        const auto step = std::min(has, size_max - has);
        auto more = parts.budget.try_take(step, left_for_answers(parts.budget));
        if (!more) more = co_await take_from_others(body, step);
        if (!more) co_return no_room(body);
        request.room.add(*std::move(more));
        body.part.grow(step);
    }
    co_return Result<void>();
}

// What is cut or gives way for it may need a second wait, on another shard.
Task<std::optional<async::Budget::Hold>> Connection::take_from_others(
    LargeBody& body, std::size_t size
) {
    auto& budget = server_.parts_.budget;
    auto& wheel = server_.shard().wheel();
    const auto left = left_for_answers(budget);
    const auto needed = size + left + budget.used_by_all();
    const auto missing = needed - std::min(needed, budget.limit());
    const async::FairShares::Claim claim(body.part, size, missing);
    auto more = co_await budget.take_soon(wheel, size, left);
    if (!more && claim) more = co_await budget.take_soon(wheel, size, left);
    co_return more;
}

// The first `size` bytes are the message; what follows is the next one's.
void Connection::split_off(Request& request, std::size_t size) {
    if (request.bytes.size() == size) return;
    keep_for_next(request.bytes.view().substr(size));
    request.bytes.truncate(size);
}

// Old clients send an empty line behind a body (RFC 9112, 2.2): it does not begin a request.
void Connection::keep_for_next(std::string_view bytes) {
    if (bytes != "\r\n") in_.append(bytes);
}

}  // namespace gw::web
