#include "base/json.hpp"
#include "gateway/methods.hpp"
#include "gateway/offer.hpp"
#include "gateway/session_view.hpp"
#include "mcp/route.hpp"

#include <chrono>
#include <utility>

namespace gw::gateway {

namespace {

// How long a client may keep it at most.
constexpr std::chrono::milliseconds keep_max = std::chrono::minutes(1);

}  // namespace

// server/discover: what initialize says in the revisions before.
Task<Result<mcp::Answer>> server_discover(Call& call) {
    GW_CO_TRY(const auto view, co_await session_view(call));
    call.cache = view->cache_of_profile(keep_max);
    std::string text = R"({"supportedVersions":[")" + std::string(to_string(mcp::newest)) +
                       R"("],"capabilities":)" + offered(*view, call.session.terms());
    if (const auto instructions = view->instructions(); !instructions.empty()) {
        text += ",\"instructions\":" + json::quoted(instructions);
    }
    text += mcp::meta_member(view->instances()) + "}";
    co_return mcp::Completed{.result = Slice(std::move(text))};
}

}  // namespace gw::gateway
