#include "transport/post_exchange.hpp"

#include "base/json.hpp"
#include "jsonrpc/message.hpp"
#include "mcp/log_level.hpp"
#include "mcp/splice.hpp"

#include <utility>

namespace gw::transport {

PostExchange::PostExchange(
    PostStream& stream,
    session::Session& session,
    std::string_view id,
    std::string_view progress_token,
    const mcp::Envelope* envelope
)
    : stream_(stream), session_(session), progress_token_(progress_token), envelope_(envelope) {
    running_.id = id;
    running_.who = stream.principal().get();
    session.add(running_);
}

bool PostExchange::has_lost_client() {
    if (stream_.may_go_on()) return false;
    session_.end_invalid([this](const auth::Principal& who) { return &who != running_.who; });
    return true;
}

Error PostExchange::why_ended() const {
    const auto& reason = running_.reason;
    auto text = reason.empty() ? "the session has ended" : "the call was ended: " + reason;
    return {Errc::cancelled, std::move(text), {}, {}};
}

void PostExchange::set_withdrawable(mcp::Withdrawable* call) {
    running_.peer = call;
    if (call != nullptr && running_.is_withdrawn) call->withdraw_because(running_.reason);
}

// Servers may send what nobody asked for; it ends here.
bool PostExchange::is_wanted(const mcp::Notification& notification) const {
    if (envelope_ != nullptr) return is_wanted_stateless(notification);
    if (notification.method == "notifications/progress") return !progress_token_.empty();
    if (notification.method != "notifications/message" || !session_.log_level) return true;
    return mcp::is_at_least(notification.params, *session_.log_level);
}

// Only what belongs to this request, and that the request asked for (2026-07-28, server/utilities/
// logging, Per-request log level; basic/patterns/subscriptions).
bool PostExchange::is_wanted_stateless(const mcp::Notification& notification) const {
    if (is_listening_) return true;
    if (notification.method == "notifications/progress") return !progress_token_.empty();
    if (notification.method != "notifications/message" || !envelope_->log_level) return false;
    return mcp::is_at_least(notification.params, *envelope_->log_level);
}

// With the client's own progress token.
std::string PostExchange::message(const mcp::Notification& notification) const {
    mcp::Splice params(notification.params);
    if (!notification.progress_token.empty()) {
        params.replace(notification.progress_token, std::string(progress_token_));
    }
    return jsonrpc::notification(notification.method, json::without_line_breaks(params.str()));
}

Task<Result<void>> PostExchange::notify(mcp::Notification notification) {
    if (!is_wanted(notification) || has_lost_client()) co_return Result<void>();
    auto* const stream = stream_.open();
    if (stream == nullptr) {
        // The client takes JSON only. What is not about this call can go on its GET stream.
        const bool has_other_way = features(session_.terms().revision).sessions;
        if (notification.method == "notifications/progress" || !has_other_way) {
            co_return Result<void>();
        }
        co_return co_await session_.notify(notification);
    }
    auto text = message(notification);
    if (!stream->has_room(text.size())) co_await stream_.wait_for_room(text.size());
    stream->append(Slice(std::move(text)), stream_.now());
    co_return Result<void>();
}

Task<Result<mcp::Answer>> PostExchange::refuse() {
    co_return fail(Errc::capability_missing, "the client cannot be asked");
}

Task<Result<mcp::Answer>> PostExchange::ask(mcp::ServerRequest request) {
    if (envelope_ != nullptr || has_lost_client()) return refuse();  // Parks ask in another way.
    auto* const stream = stream_.open();
    if (stream == nullptr) return session_.ask(request);
    if (!stream->has_room(request.params.size())) return ask_in_turn(*stream, request);
    return session_.ask_on(*stream, request);
}

Task<Result<mcp::Answer>> PostExchange::ask_in_turn(
    session::EventStream& stream, mcp::ServerRequest request
) {
    co_await stream_.wait_for_room(request.params.size());
    co_return co_await session_.ask_on(stream, request);
}

}  // namespace gw::transport
