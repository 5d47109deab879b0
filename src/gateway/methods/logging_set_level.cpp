#include "async/gate.hpp"
#include "gateway/methods.hpp"
#include "gateway/session_view.hpp"

#include <chrono>
#include <utility>

namespace gw::gateway {

namespace {

constexpr std::chrono::seconds server_time{10};

// A server that fails to take it does not fail the request: what it sends is filtered here anyway.
Task<> tell(const Call& call, mcp::Peer& peer) {
    mcp::Nobody nobody;
    auto request = call.request;
    request.is_repeatable = true;
    request.deadline = call.session.wheel().now() + server_time;
    const auto told = co_await peer.call(std::move(request), nobody);
    (void)told;
}

bool logs(const catalog::ServerProfile& profile) {
    return profile.has_logging;
}

}  // namespace

// logging/setLevel: the session's level. Every server that logs is told, all at the same time; one
// that is not connected yet is, because from now on its client wants to hear it.
Task<Result<mcp::Answer>> logging_set_level(Call& call) {
    GW_CO_TRY(const auto text, call.string(mcp::Part::level, "level"));
    const auto level = mcp::parse_log_level(text);
    if (!level) co_return fail(Errc::invalid_params, "\"level\" is none of the eight log levels");
    // Requests without a session share one: none of them may decide for the others.
    if (!call.session.has_id()) co_return mcp::Completed{Slice(std::string("{}")), {}};
    GW_CO_TRY(const auto view, co_await session_view(call));
    call.session.log_level = level;
    GW_CO_TRY(const auto peers, connect_to_all(call, *view, &logs));
    async::Gate gate(call.session.loop());
    for (const auto& peer : peers)
        gate.spawn(tell(call, *peer));
    co_await gate.join();
    co_return mcp::Completed{Slice(std::string("{}")), {}};
}

}  // namespace gw::gateway
