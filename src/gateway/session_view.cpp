#include "gateway/session_view.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace gw::gateway {

const catalog::View* quick_view(Call& call) {
    if (call.session.upstreams->has_own_listings()) return nullptr;
    const auto& terms = call.session.terms();
    return call.views.current(terms.server, terms.capabilities);
}

Result<std::vector<mcp::Peer*>> connect_to_all(
    Call& call, const catalog::View& view, bool (*offers)(const catalog::ServerProfile& profile)
) {
    std::vector<mcp::Peer*> peers;
    for (const auto& source : view.sources()) {
        if (!offers(source.listing->profile)) continue;
        const auth::Object server{.name = source.name, .upstream = source.upstream};
        GW_TRY(const auto permit, auth::authorize(call.who(), auth::Action::read, server));
        GW_TRY(auto* peer, call.session.upstreams->connect(permit));
        peers.push_back(peer);
    }
    return peers;
}

Result<void> check_offered(const Call& call, bool is_offered) {
    if (is_offered || call.stateless == nullptr) return {};
    return fail(Errc::unknown_method, "Method not found: " + std::string(call.request.method));
}

Task<Result<catalog::ViewHandle>> session_view(Call& call) {
    const auto& terms = call.session.terms();
    GW_CO_TRY(auto shared, co_await call.views.get(terms.server, terms.capabilities));
    auto& upstreams = *call.session.upstreams;
    if (!upstreams.has_own_listings()) co_return shared;
    auto sources = shared->sources();
    bool is_own = false;
    for (auto& source : sources) {
        auto own = co_await upstreams.own_listing(source.upstream);
        // A server that fails to list keeps its good copy.
        if (!own || !*own || **own == *source.listing) continue;
        source.listing = std::move(*own);
        is_own = true;
    }
    if (!is_own) co_return shared;
    std::vector<std::string> ignored;  // The same as in the shared view, reported there.
    co_return std::make_shared<const catalog::View>(
        call.views.rules(terms.server), std::move(sources), call.views.seal(), ignored
    );
}

}  // namespace gw::gateway
