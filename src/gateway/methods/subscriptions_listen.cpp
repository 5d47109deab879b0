#include "async/deadline.hpp"
#include "async/gate.hpp"
#include "base/json.hpp"
#include "gateway/methods.hpp"
#include "gateway/resource_uri.hpp"
#include "gateway/session_view.hpp"
#include "gateway/tasks.hpp"
#include "session/change_listener.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace gw::gateway {

namespace {

using session::ChangeListener;

constexpr std::size_t uris_max = 1000;
// Of the whole request, which stays for as long as the client listens.
constexpr std::size_t request_bytes_max = std::size_t{256} * 1024;
// The client waits while servers subscribe: as long as one of them still does so within
// silence_max, and wait_max in all.
constexpr std::chrono::milliseconds silence_max{300};
constexpr std::chrono::milliseconds wait_max{5000};

// The members of `params.notifications`, in the order of session::list_changes.
constexpr std::array<std::string_view, 3> list_flags{
    "toolsListChanged", "promptsListChanged", "resourcesListChanged"
};

// What the client asks for.
Result<ChangeListener::Filter> parse_filter(const Call& call) {
    if (call.message.size() > request_bytes_max) {
        return fail(
            Errc::invalid_params,
            "a request to listen has at most " + std::to_string(request_bytes_max) + " bytes"
        );
    }
    GW_TRY(const auto params, json::Object::parse(call.part(mcp::Part::params)));
    if (params["notifications"].empty()) {
        return fail(Errc::invalid_params, "\"notifications\" is missing");
    }
    GW_TRY(const auto text, params.object("notifications"));
    GW_TRY(const auto wanted, json::Object::parse(text));
    // SEP-2663, Task Status Notifications. Who declared the extension is told by the
    // acknowledgement that there are none here: it has to poll.
    if (!wanted["taskIds"].empty()) {
        GW_DO(check_declares_tasks(call));
    }
    ChangeListener::Filter filter;
    for (std::size_t i = 0; i < list_flags.size(); ++i)
        filter.lists.at(i) = wanted[list_flags.at(i)] == "true";
    const auto uris = wanted["resourceSubscriptions"];
    if (uris.empty()) return filter;
    const auto all = json::elements(uris, uris_max);
    if (!all) {
        return fail(
            Errc::invalid_params,
            "\"resourceSubscriptions\" must be an array of at most " + std::to_string(uris_max)
        );
    }
    for (const auto uri : *all) {
        if (!uri.starts_with('"')) {
            return fail(Errc::invalid_params, "\"resourceSubscriptions\" must hold strings");
        }
        filter.uris.push_back(json::unquoted(uri));
        GW_DO(check_uri(filter.uris.back(), "resourceSubscriptions[]"));
    }
    return filter;
}

// A resource, and the server that has it.
struct Subscribed {
    mcp::PeerHandle server;
    std::string uri;
};

Task<Result<mcp::Answer>> tell(const Subscribed& which, std::string_view method) {
    const auto params = R"({"uri":)" + json::quoted(which.uri) + "}";
    mcp::Request request{
        .method = method, .params = std::string_view(params), .is_repeatable = true
    };
    mcp::Nobody nobody;  // The client's own caller may have been withdrawn.
    co_return co_await which.server->call(std::move(request), nobody);
}

// The server of a resource; null when there is none, or it cannot be reached.
mcp::PeerHandle server_of(
    const Call& call, const catalog::VisibleView& view, const std::string& uri
) {
    const auto found = view.find_resource(uri);
    if (!found) return nullptr;
    const auto permit = auth::authorize(call.who(), auth::Action::read, *found);
    if (!permit) return nullptr;
    return call.session.upstreams->connect(*permit).value_or(nullptr);
}

// What is under way while a client waits for its subscriptions.
struct Subscribing {
    std::vector<Subscribed>& done;
    std::size_t left;
    async::Event& one_ended;
};

Task<> subscribe_one(Subscribed which, Subscribing& all) {
    const auto answer = co_await tell(which, "resources/subscribe");
    if (answer && std::holds_alternative<mcp::Completed>(*answer)) {
        all.done.push_back(std::move(which));
    }
    --all.left;
    all.one_ended.set();
}

// Subscribes to what can be subscribed to, all at the same time.
Task<std::vector<Subscribed>> subscribe(Call& call, const std::vector<std::string>& uris) {
    std::vector<Subscribed> done;
    if (uris.empty()) co_return done;
    const auto view = co_await session_view(call);
    if (!view) co_return done;
    auto& wheel = call.session.wheel();
    const auto until = wheel.now() + wait_max;
    async::Deadline deadline(wheel, wheel.now() + silence_max, co_await this_fiber());
    async::Event one_ended(call.session.loop());
    async::Gate together(call.session.loop());
    Subscribing all{.done = done, .left = 0, .one_ended = one_ended};
    for (const auto& uri : uris) {
        auto server = server_of(call, **view, uri);
        if (!server) continue;
        ++all.left;
        together.spawn(subscribe_one({std::move(server), uri}, all));
    }
    while (all.left > 0 && co_await one_ended.wait())
        deadline.move(std::min(until, wheel.now() + silence_max));
    co_await together.close();  // What a server does too late is undone.
    co_return done;
}

Task<> unsubscribe(const std::vector<Subscribed>& all) {
    for (const auto& each : all)
        std::ignore = co_await tell(each, "resources/unsubscribe");
}

std::string meta(const Call& call) {
    return R"("_meta":{"io.modelcontextprotocol/subscriptionId":)" +
           std::string(call.part(mcp::Part::id)) + "}";
}

std::string acknowledgement(const Call& call, const ChangeListener::Filter& filter) {
    std::string text = "{" + meta(call) + R"(,"notifications":{)";
    const auto add = [&text](std::string_view member) {
        if (!text.ends_with('{')) text += ',';
        text += member;
    };
    for (std::size_t i = 0; i < list_flags.size(); ++i) {
        if (filter.lists.at(i)) add(json::quoted(list_flags.at(i)) + ":true");
    }
    if (!filter.uris.empty()) {
        std::string uris;
        for (const auto& uri : filter.uris)
            uris.append(uris.empty() ? "" : ",").append(json::quoted(uri));
        add("\"resourceSubscriptions\":[" + uris + "]");
    }
    return text + "}}";
}

}  // namespace

// subscriptions/listen: a stream of changes, for as long as the client stays (2026-07-28,
// basic/patterns/subscriptions).
Task<Result<mcp::Answer>> subscriptions_listen(Call& call) {
    GW_CO_TRY(auto filter, parse_filter(call));
    const auto hold = call.session.around().budget.take_now(call.message.size());
    // It hears from the first subscription on, and tells once all are acknowledged.
    ChangeListener listener(call.session.loop(), filter);
    call.session.add(listener);
    call.caller.set_withdrawable(&listener);
    const auto subscribed = co_await subscribe(call, filter.uris);
    filter.uris.clear();
    for (const auto& each : subscribed)
        filter.uris.push_back(each.uri);
    listener.narrow(filter.uris);
    const auto acknowledged = acknowledgement(call, filter);
    auto told = co_await call.caller.notify(
        {.method = "notifications/subscriptions/acknowledged", .params = acknowledged}
    );
    while (told) {
        const auto change = co_await listener.next();
        if (!change) break;
        auto params = "{" + meta(call);
        if (!change->uri.empty()) params += ",\"uri\":" + json::quoted(change->uri);
        params += '}';
        told = co_await call.caller.notify({.method = change->method, .params = params});
    }
    call.caller.set_withdrawable(nullptr);
    listener.unlink();
    co_await unsubscribe(subscribed);
    auto result = R"({"resultType":"complete",)" + meta(call) + "}";
    co_return mcp::Completed{.result = Slice(std::move(result)), .has_type = true};
}

}  // namespace gw::gateway
