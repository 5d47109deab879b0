#include "transport/post_stream.hpp"

#include "async/sleep.hpp"

#include <utility>

namespace gw::transport {

PostStream::PostStream(
    web::Connection& connection, const Incoming& incoming, session::Session& session
)
    : connection_(connection), incoming_(incoming), session_(session), gate_(connection.shard()) {
    const auto& options = incoming.endpoint.options();
    // HTTP/1.0 has no chunks (RFC 9112, 6.1).
    if (!incoming.takes_events || !incoming.request.head.is_http11 || options.is_json_only) {
        decide(Form::json);
        return;
    }
    auto& shard = connection.shard();
    const auto after = options.sse_after;
    if (after.count() == 0) {
        open();
        return;
    }
    shard.wheel().add(*this, shard.now() + after);
}

PostStream::~PostStream() {
    if (stream_ == nullptr) return;
    --stream_->users;
    if (!is_kept_) session_.drop_stream(*stream_);  // Nobody can resume it.
}

// A timer that guards a decision ends with it: left on the wheel, it would begin a stream in the
// middle of an answer that waits for its client.
void PostStream::decide(Form form) {
    form_ = form;
    async::Wheel::remove(*this);
}

bool PostStream::settle() {
    if (form_ == Form::undecided) decide(Form::json);
    return form_ == Form::events;
}

session::EventStream* PostStream::open() {
    if (form_ != Form::undecided) return stream_;
    decide(Form::events);
    stream_ = &session_.open_stream();
    ++stream_->users;
    writer_.emplace(incoming_.endpoint, connection_, session_, *stream_, 0);
    gate_.spawn(write());
    return stream_;
}

Task<> PostStream::write() {
    auto head = connection_.reply_to(incoming_.request);
    head.content_type = "text/event-stream";
    Buffer out;
    append_stream_head(out, head);
    co_await writer_->serve_post(std::move(out));
    if (writer_->has_client_left()) client_has_left();
    writer_.reset();
}

// In the stateless era that is how a request is cancelled (2026-07-28, basic/transports/
// streamable-http, Cancellation); with a session the client may come back for the rest.
void PostStream::client_has_left() {
    if (writer_) writer_->client_has_left();
    if (caller_ != nullptr) caller_->withdraw();
}

bool PostStream::comment() {
    if (open() == nullptr) return false;
    if (writer_) writer_->comment();
    return true;
}

Task<> PostStream::wait_for_room(std::size_t size) {
    auto& shard = connection_.shard();
    while (!stream_->has_room(size)) {
        if (!co_await async::sleep_until(shard, shard.wheel(), shard.now() + async::Wheel::tick)) {
            break;
        }
    }
}

Task<bool> PostStream::finish(session::EventStream::Message last) {
    const auto size = last.size();
    if (!stream_->has_room(size)) co_await wait_for_room(size);
    stream_->append(std::move(last), connection_.shard().now());
    const bool is_delivered = co_await finish();
    // What has been delivered is kept for a client that lost it on the way; not when memory is
    // short.
    const auto& budget = incoming_.endpoint.parts().budget;
    const bool is_short = budget.used_by_all() > budget.limit() / 4;
    is_kept_ = session_.has_id() && (!is_short || !is_delivered);
    co_return is_delivered;
}

// It is not kept: a client that found a stream without an answer would ask for the rest of it again
// and again.
Task<bool> PostStream::finish() {
    if (stream_ != nullptr) stream_->finish();
    co_await gate_.join();
    is_kept_ = false;
    co_return stream_ == nullptr || stream_->delivered == stream_->last();
}

}  // namespace gw::transport
