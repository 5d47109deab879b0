#include "gateway/named.hpp"

#include "base/json.hpp"
#include "gateway/input_rounds.hpp"
#include "gateway/perform.hpp"
#include "gateway/session_view.hpp"
#include "mcp/mirrored.hpp"

#include <utility>

namespace gw::gateway {

namespace {

// The object of a call, and its entry in the view; null when its server is asked for a name that it
// does not list.
struct Target {
    auth::Object object;
    const catalog::Entry* entry = nullptr;
};

// The tasks of 2025-11-25 belong to its sessions.
bool has_core_tasks(const session::Terms& terms) {
    return features(terms.revision).execution && !terms.id.empty();
}

// A client that knows no tasks cannot ask for one: its `task` is not for the server.
void take_task(Call& call) {
    if (!call.scan.has(mcp::Part::task)) return;
    call.request.begins_task = has_core_tasks(call.session.terms());
    if (call.request.begins_task) return;
    const auto params = call.part(mcp::Part::params);
    call.request.params.replace(json::whole_member(params, call.part(mcp::Part::task)), {});
}

// Finds the server that has `name`, and puts the server's own name for it into the request.
Result<Target> resolve(
    Call& call, catalog::Kind kind, const catalog::VisibleView& view, const std::string& name
) {
    if (const auto found = view.find(kind, name)) {
        const auto& entry = **found;
        if (entry.has_wrapped_output) call.output = Output::wrapped;
        if (call.part(mcp::Part::name) != entry.quoted_original) {
            call.request.params.replace(call.part(mcp::Part::name), entry.quoted_original);
        }
        // A client that has tasks follows them itself.
        call.request.needs_task = entry.needs_task && !has_core_tasks(call.session.terms());
        return Target{.object = entry.as_object(), .entry = &entry};
    }
    if (const auto only = view.transparent_for(kind); only && may_have_more(call, view, kind)) {
        return Target{.object = {.name = name, .upstream = *only}};
    }
    GW_DO(check_server_of_state(call, view));
    const auto* const what = kind == catalog::Kind::tools ? "Unknown tool: " : "Unknown prompt: ";
    return fail(Errc::not_found, what + name + missing_servers(view));
}

// What headers say of the call to a stateless server.
Result<void> set_headers(Call& call, const Target& target) {
    auto& mirrored = call.request.mirrored;
    if (target.entry == nullptr) {
        call.request.name = target.object.name;
    } else {
        call.request.name = json::unquoted(target.entry->quoted_original);
        GW_TRY(mirrored, mcp::mirror(target.entry->mirror_rules, call.part(mcp::Part::arguments)));
    }
    if (call.stateless == nullptr || call.request.method != "tools/call") return {};
    static const std::vector<mcp::MirrorRule> none;
    const auto& rules = target.entry != nullptr ? target.entry->mirror_rules : none;
    call.stateless->headers.each([&](std::string_view name, std::string_view value) {
        mcp::pass_unknown(mirrored, rules, name, value);
    });
    return {};
}

// What a stateless client's own headers say. They were made from the list that this view gave.
Result<void> check_headers(const Call& call, const catalog::Entry* entry) {
    if (entry == nullptr || entry->mirror_rules.empty()) return {};
    return mcp::check_mirrored(
        entry->mirror_rules,
        call.part(mcp::Part::arguments),
        [&headers = call.stateless->headers](std::string_view header) {
            return headers.value(header);
        }
    );
}

// Leads the call to its server. It is no coroutine: nothing in it waits, so the view holds, and its
// locals take no room in a frame.
Result<void> route(Call& call, catalog::Kind kind, const catalog::VisibleView& view) {
    GW_TRY(const auto name, call.string(mcp::Part::name, "name"));
    const auto arguments = call.part(mcp::Part::arguments);
    if (!arguments.empty() && arguments.front() != '{') {
        return fail(Errc::invalid_params, "\"arguments\" must be an object");
    }
    take_task(call);
    GW_TRY(const auto target, resolve(call, kind, view, name));
    if (call.stateless != nullptr) {
        GW_DO(check_headers(call, target.entry));
    }
    GW_TRY(const auto permit, auth::authorize(call.who(), auth::Action::invoke, target.object));
    GW_DO(call.connect(permit));
    name_asker(call, view);
    if (call.server->may_require_input()) {
        GW_DO(set_headers(call, target));
    }
    return {};
}

Task<Result<mcp::Answer>> failed(Error error) {
    co_return std::unexpected(std::move(error));
}

// True when `view` shows it now, or will show no more soon.
bool is_decided(const Call& call, catalog::Kind kind, const catalog::VisibleView& view) {
    if (view.is_settled() || view.transparent_for(kind)) return true;
    const auto name = call.string(mcp::Part::name, "name");
    return !name || view.find(kind, *name);
}

// When the view has to be waited for.
Task<Result<mcp::Answer>> call_slowly(Call& call, catalog::Kind kind) {
    GW_CO_TRY(auto view, co_await session_view(call));
    if (!is_decided(call, kind, *view)) {
        GW_CO_TRY(view, co_await settled_view(call));
    }
    GW_CO_DO(route(call, kind, *view));
    co_return co_await perform(call);
}

}  // namespace

Task<Result<mcp::Answer>> call_named(Call& call, catalog::Kind kind) {
    const auto view = quick_view(call);
    if (!view || !view->is_settled()) return call_slowly(call, kind);
    auto routed = route(call, kind, *view);
    if (!routed) return failed(std::move(routed).error());
    return perform(call);
}

}  // namespace gw::gateway
