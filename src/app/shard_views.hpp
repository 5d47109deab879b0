#pragma once

#include "async/gate.hpp"
#include "gateway/catalogue.hpp"
#include "gateway/views.hpp"
#include "net/shard.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

namespace gw::app {

// The catalogue as one shard sees it: its own handles, filled by messages from the shard that the
// catalogue runs on.
class ShardViews final : public gateway::Views {
public:
    // What the catalogue's shard has. It outlives the views.
    struct Home {
        net::Shard& shard;
        gateway::Catalogue& catalogue;
        async::Gate& gate;  // For questions of other shards.
    };

    ShardViews(
        net::Shard& shard,
        Home& home,
        const catalog::CursorSeal& seal,
        gateway::TopologyHandle topology
    );

    std::optional<catalog::VisibleView> current(
        auth::ServerNumber server, const mcp::ClientCapabilities& capabilities
    ) override;

    Task<Result<catalog::HeldView>> get(
        auth::ServerNumber server, const mcp::ClientCapabilities& capabilities
    ) override;

    Task<Result<catalog::HeldView>> settled(
        auth::ServerNumber server, const mcp::ClientCapabilities& capabilities, TimePoint since
    ) override;

    catalog::HeldView seen(catalog::ViewHandle view) override;

    const catalog::ViewRules& rules(auth::ServerNumber server) const override;

    const catalog::CursorSeal& seal() const override { return seal_; }

    catalog::Pages& pages() override { return pages_; }

    // What the catalogue published.
    void put(gateway::Catalogue::Key key, catalog::ViewHandle view);

    // What was published for servers that are gone is dropped.
    void set_topology(gateway::TopologyHandle topology);

private:
    using Ask = std::move_only_function<Task<Result<catalog::ViewHandle>>(gateway::Catalogue&)>;

    Task<Result<catalog::HeldView>> ask(Ask what);
    catalog::ViewHandle& place(gateway::Catalogue::Key key);

    net::Shard& shard_;
    Home& home_;
    const catalog::CursorSeal& seal_;
    gateway::TopologyHandle topology_;
    catalog::Pages pages_;
    // By server and class of clients.
    std::unordered_map<auth::ServerNumber, std::vector<catalog::ViewHandle>> views_;
};

}  // namespace gw::app
