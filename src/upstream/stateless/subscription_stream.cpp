#include "upstream/stateless/subscription_stream.hpp"

#include "base/json.hpp"
#include "mcp/envelope.hpp"

#include <utility>

namespace gw::upstream {

namespace {

constexpr std::size_t uris_max = 10'000;

// The params of a notification, without the id of our request in `_meta`.
std::string without_id(std::string_view params) {
    const auto object = json::Object::parse(params);
    if (!object) return {};
    std::string text;
    for (const auto& [name, value] : object->members()) {
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

std::string to_json(const SubscriptionFilter& filter) {
    std::string text;
    const auto add = [&text](std::string_view member) {
        text.append(text.empty() ? "{" : ",").append(json::quoted(member)).append(":");
    };
    const auto add_flag = [&](std::string_view member, bool is_set) {
        if (!is_set) return;
        add(member);
        text.append("true");
    };
    add_flag("toolsListChanged", filter.tools);
    add_flag("promptsListChanged", filter.prompts);
    add_flag("resourcesListChanged", filter.resources);
    if (!filter.uris.empty()) {
        add("resourceSubscriptions");
        char before = '[';
        for (const auto& uri : filter.uris)
            text.append(1, std::exchange(before, ',')).append(json::quoted(uri));
        text.append("]");
    }
    return text.empty() ? "{}" : text + "}";
}

SubscriptionFilter parse_filter(std::string_view notifications) {
    SubscriptionFilter filter;
    const auto object = json::Object::parse(notifications);
    if (!object) return filter;
    filter.tools = (*object)["toolsListChanged"] == "true";
    filter.prompts = (*object)["promptsListChanged"] == "true";
    filter.resources = (*object)["resourcesListChanged"] == "true";
    const auto uris = json::elements((*object)["resourceSubscriptions"], uris_max);
    if (!uris) return filter;
    for (const auto uri : *uris) {
        if (uri.starts_with('"')) filter.uris.insert(json::unquoted(uri));
    }
    return filter;
}

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
    const auto params = without_id(notification.params);
    co_return co_await outside.notify({.method = notification.method, .params = params});
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
