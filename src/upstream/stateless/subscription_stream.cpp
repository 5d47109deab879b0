#include "upstream/stateless/subscription_stream.hpp"

#include "base/json.hpp"
#include "mcp/envelope.hpp"

#include <utility>

namespace gw::upstream {

namespace {

// The params of a notification, without the id of our request in `_meta`.
std::string without_id(const json::Object& params) {
    std::string text;
    for (const auto& [name, value] : params.members()) {
        const auto kept = name == "_meta" ? mcp::session_meta(value, {}) : std::string(value);
        if (name == "_meta" && kept == "{}") continue;
        text.append(text.empty() ? "{" : ",").append(json::quoted(name));
        text.append(":").append(kept);
    }
    return text.empty() ? text : text + "}";
}

bool is_wanted(const SubscriptionFilter& filter, std::string_view method) {
    if (method == "notifications/tools/list_changed") return filter.tools;
    if (method == "notifications/prompts/list_changed") return filter.prompts;
    if (method == "notifications/resources/list_changed") return filter.resources;
    return method == "notifications/resources/updated" && !filter.uris.empty();
}

}  // namespace

// 2026-07-28, basic/patterns/subscriptions, Acknowledgment: it comes first, and nothing before it.
Task<Result<void>> Subscription::Stream::notify(mcp::Notification notification) {
    if (is_given_up_) co_return Result<void>();
    if (notification.method == "notifications/subscriptions/acknowledged") {
        if (honoured) co_return Result<void>();
        const auto params = json::Object::parse(notification.params);
        honoured = parse_filter(params ? (*params)["notifications"] : std::string_view());
        news.set();
        co_return Result<void>();
    }
    if (!honoured || !is_wanted(asked, notification.method)) co_return Result<void>();
    const auto object = json::Object::parse(notification.params);
    if (object && is_unwanted(object->string("uri").value_or(""))) co_return Result<void>();
    const auto params = object ? without_id(*object) : std::string();
    co_return co_await outside.notify({.method = notification.method, .params = params});
}

// True for a resource that was unsubscribed from, but of which the server still tells. One that was
// never asked for is told: it may lie below a resource that is wanted.
bool Subscription::Stream::is_unwanted(std::string_view uri) const {
    return asked.uris.contains(uri) && !wanted.uris.contains(uri);
}

Task<Result<mcp::Answer>> Subscription::Stream::ask(mcp::ServerRequest /*request*/) {
    co_return fail(Errc::capability_missing, "nobody can be asked");
}

void Subscription::Stream::set_withdrawable(mcp::Withdrawable* of) {
    call_ = of;
    if (call_ != nullptr && is_given_up_) call_->withdraw();
}

void Subscription::Stream::give_up() {
    is_given_up_ = true;
    if (call_ != nullptr) call_->withdraw();
}

}  // namespace gw::upstream
