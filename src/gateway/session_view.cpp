#include "gateway/session_view.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace gw::gateway {

std::optional<catalog::VisibleView> quick_view(Call& call) {
    if (call.session.upstreams->has_own_listings()) return {};
    const auto& terms = call.session.terms();
    return call.views.current(terms.server, terms.capabilities);
}

std::string missing_servers(const catalog::VisibleView& view) {
    constexpr std::size_t named_max = 3;
    const auto missing = view.missing();
    std::string text;
    for (std::size_t i = 0; i < std::min(missing.size(), named_max); ++i) {
        text.append(text.empty() ? " (not listed: " : "; ");
        text.append(missing[i].name).append(": ").append(missing[i].reason);
    }
    if (missing.size() > named_max) text += "; and others";
    return text.empty() ? text : text + ")";
}

bool may_have_more(const Call& call, const catalog::VisibleView& view, catalog::Kind kind) {
    return call.stateless == nullptr || !view.missing().empty() ||
           view.profile().has[static_cast<std::size_t>(kind)];
}

Result<std::vector<mcp::PeerHandle>> connect_to_all(
    Call& call,
    const catalog::VisibleView& view,
    bool (*offers)(const catalog::ServerProfile& profile)
) {
    std::vector<mcp::PeerHandle> peers;
    for (const auto* source : view.sources()) {
        if (!offers(source->listing->profile)) continue;
        const auth::Object server{.name = source->name, .upstream = source->upstream};
        GW_TRY(const auto permit, auth::authorize(call.who(), auth::Action::read, server));
        GW_TRY(auto peer, call.session.upstreams->connect(permit));
        peers.push_back(std::move(peer));
    }
    return peers;
}

namespace {

// `shared` with what this session has been told of changes of.
Task<Result<catalog::HeldView>> own_view(Call& call, catalog::HeldView shared) {
    auto& upstreams = *call.session.upstreams;
    if (!upstreams.has_own_listings()) co_return shared;
    const auto& before = shared.view();
    auto sources = before->sources();
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
    co_return call.views.seen(std::make_shared<const catalog::View>(
        call.views.rules(call.session.terms().server),
        std::move(sources),
        call.views.seal(),
        ignored,
        catalog::ViewTerms{
            .gaps = before->gaps(),
            .instances = before->instances(),
            .before = before,
            .order = before->order()
        }
    ));
}

}  // namespace

Task<Result<catalog::HeldView>> session_view(Call& call) {
    const auto& terms = call.session.terms();
    GW_CO_TRY(auto shared, co_await call.views.get(terms.server, terms.capabilities));
    co_return co_await own_view(call, std::move(shared));
}

Task<Result<catalog::HeldView>> settled_view(Call& call) {
    const auto& terms = call.session.terms();
    auto& since = call.session.lists_wanted;
    if (!since) since = call.session.wheel().now();
    GW_CO_TRY(auto shared, co_await call.views.settled(terms.server, terms.capabilities, *since));
    co_return co_await own_view(call, std::move(shared));
}

}  // namespace gw::gateway
