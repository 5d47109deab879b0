#include "transport/post_exchange.hpp"

#include "base/json.hpp"
#include "mcp/log_level.hpp"
#include "mcp/splice.hpp"

#include <utility>

namespace gw::transport {

PostExchange::PostExchange(
    PostStream& stream,
    session::Session& session,
    std::string_view id,
    std::string_view progress_token
)
    : stream_(stream), session_(session), progress_token_(progress_token) {
    running_.id = id;
    session.add(running_);
}

void PostExchange::set_withdrawable(mcp::Withdrawable* call) {
    running_.peer = call;
    if (call != nullptr && running_.is_withdrawn) call->withdraw();
}

// Servers may send what nobody asked for; it ends here.
bool PostExchange::is_wanted(const mcp::Notification& notification) const {
    if (notification.method == "notifications/progress") return !progress_token_.empty();
    if (notification.method != "notifications/message" || !session_.log_level) return true;
    const auto params = json::Object::parse(notification.params);
    if (!params) return false;
    const auto level = mcp::parse_log_level(params->string("level").value_or(""));
    return !level || *level >= *session_.log_level;
}

// With the client's own progress token.
std::string PostExchange::message(const mcp::Notification& notification) const {
    std::string text = R"({"jsonrpc":"2.0","method":)" + json::quoted(notification.method);
    if (!notification.params.empty()) {
        mcp::Splice params(notification.params);
        if (!notification.progress_token.empty()) {
            params.replace(notification.progress_token, std::string(progress_token_));
        }
        text += ",\"params\":" + json::without_line_breaks(params.str());
    }
    return text + "}";
}

Task<Result<void>> PostExchange::notify(mcp::Notification notification) {
    if (!is_wanted(notification)) co_return Result<void>();
    auto* const stream = stream_.open();
    if (stream == nullptr) {
        // The client takes JSON only. What is not about this call can go on its GET stream.
        if (notification.method == "notifications/progress") co_return Result<void>();
        co_return co_await session_.notify(notification);
    }
    stream->append(Slice(message(notification)), stream_.now());
    co_await stream_.keep_pace();
    co_return Result<void>();
}

Task<Result<mcp::Answer>> PostExchange::ask(mcp::ServerRequest request) {
    auto* const stream = stream_.open();
    return stream != nullptr ? session_.ask_on(*stream, request) : session_.ask(request);
}

}  // namespace gw::transport
