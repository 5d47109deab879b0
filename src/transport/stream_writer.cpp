#include "transport/stream_writer.hpp"

#include "async/deadline.hpp"
#include "http/chunked.hpp"
#include "http/sse.hpp"
#include "http/text.hpp"
#include "jsonrpc/message.hpp"

#include <array>
#include <memory>
#include <string>
#include <utility>

namespace gw::transport {

namespace {

constexpr std::size_t batch_bytes = 64 * 1024;  // Gathered for one write.
constexpr std::size_t copied_max = 16 * 1024;   // A larger event is written from where it is.

}  // namespace

StreamWriter::StreamWriter(
    Endpoint& endpoint,
    web::Connection& connection,
    session::Session& session,
    session::EventStream& stream,
    std::uint64_t sequence
)
    : endpoint_(endpoint),
      connection_(connection),
      session_(session),
      stream_(stream),
      sequence_(sequence),
      turn_(stream.take_turn(sequence)) {
    ++stream_.users;
    connection_.set_backlog(this);
}

StreamWriter::~StreamWriter() {
    if (is_reading_) connection_.stream().set_observer(nullptr);
    connection_.set_backlog(nullptr);
    stream_.end_turn(turn_);
    --stream_.users;
}

// Revision 2025-11-25: an event with an id and no data comes first, so that the client can resume
// before anything was said (basic/transports, Sending Messages). Older clients choke on it.
void StreamWriter::append_start(Buffer& out) {
    if (!features(session_.terms().revision).priming_event || !session_.has_id()) return;
    const auto at = http::begin_chunk(out);
    const auto retry = endpoint_.options().retry;
    http::append_priming(
        out,
        to_string(session::EventId{stream_.number(), sequence_}),
        static_cast<std::uint32_t>(retry.count())
    );
    http::end_chunk(out, at);
}

// Says what a client cannot see otherwise: events that it will never get.
void StreamWriter::append_gap(Buffer& out, std::uint64_t lost) {
    const auto params = R"({"level":"warning","logger":"bascule","data":{"lostEvents":)" +
                        std::to_string(lost) + "}}";
    const auto message = jsonrpc::notification("notifications/message", params);
    const auto at = http::begin_chunk(out);
    http::append_event(out, {}, message);
    http::end_chunk(out, at);
}

Task<> StreamWriter::serve_get(Buffer head, bool is_resumed, auth::PrincipalHandle who) {
    who_ = std::move(who);
    if (!is_resumed) append_start(head);
    // Nothing is expected from the client: only that it leaves is looked for. finish() of the
    // connection awaits this read.
    is_reading_ = true;
    session_.add(*this);
    connection_.stream().set_observer(this);
    connection_.stream().start_read({&unexpected_, 1});
    return serve(std::move(head));
}

Task<> StreamWriter::serve_post(Buffer head) {
    append_start(head);
    return serve(std::move(head));
}

bool StreamWriter::goes_on() const {
    if (has_client_left_ || is_replaced()) return false;
    return who_ == nullptr || connection_.server().is_still_valid(*who_);
}

// Writes what is in `out` and all events that there are, as long as they are for this client: one
// that reads slowly may be here for as long as events come. Whatever their size, they count as
// delivered in one place, and as soon as they are written.
Task<bool> StreamWriter::write_events(Buffer& out) {
    for (;;) {
        if (const auto lost = stream_.lost_after(sequence_); lost > 0) {
            append_gap(out, lost);
            sequence_ += lost;
        }
        std::shared_ptr<const session::EventStream::Logged>
            large;  // Goes last, behind what is gathered.
        while (large == nullptr && out.size() < batch_bytes) {
            auto event = stream_.pin(sequence_ + 1);
            if (event == nullptr) break;
            ++sequence_;
            if (event->message.size() > copied_max) {
                large = std::move(event);
                continue;
            }
            const auto at = http::begin_chunk(out);
            http::append_event(
                out, session_.has_id() ? event_id() : std::string(), event->message.text()
            );
            http::end_chunk(out, at);
        }
        if (out.empty() && large == nullptr) co_return true;
        const bool is_written = large != nullptr ? co_await write_large(out, large->message)
                                                 : co_await connection_.write(out);
        if (!is_written) co_return false;
        out.release();
        if (!is_replaced()) stream_.deliver(sequence_);
        if (!goes_on()) co_return true;
    }
}

// An event, which is pinned, as a chunk of its own, behind what is in `out`.
Task<bool> StreamWriter::write_large(Buffer& out, const session::EventStream::Message& message) {
    constexpr std::string_view end = "\n\n\r\n";
    const auto content = message.content.view();
    const auto after = message.after;
    const auto id = session_.has_id() ? "id: " + event_id() + "\n" : std::string();
    const auto begin = "event: message\n" + id + "data: " + message.before;
    http::append_hex(out, begin.size() + content.size() + after.size() + 2);
    out.append("\r\n").append(begin);
    std::array parts{out.view(), content, after, end};
    co_return co_await connection_.write_parts(parts);
}

Task<> StreamWriter::serve(Buffer out) {
    auto& shard = connection_.shard();
    auto& fiber = co_await this_fiber();
    // What comes after a client has left counts as not delivered.
    while (goes_on() && co_await write_events(out)) {
        const bool has_ended = stream_.is_finished() || session_.has_ended();
        if (has_ended || fiber.is_cancelled || !goes_on()) break;
        const async::Deadline silence(
            shard.wheel(), shard.now() + endpoint_.options().keep_alive, fiber
        );
        const bool has_changed = co_await stream_.changed().wait();
        if (std::exchange(is_comment_due_, false) || (!has_changed && silence.has_expired())) {
            const auto at = http::begin_chunk(out);
            http::append_comment(out);
            http::end_chunk(out, at);
        }
    }
    if (has_client_left_) {
        connection_.stream().close();
        co_return;
    }
    http::append_last_chunk(out);
    if (!co_await connection_.write(out)) has_client_left_ = true;
}

}  // namespace gw::transport
