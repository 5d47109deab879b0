#pragma once

#include "gateway/catalogue_source.hpp"
#include "upstream/hub/hub.hpp"

namespace gw::upstream {

// Opens the gateway's own upstream sessions, for listing.
class HubCatalogueSource final : public gateway::CatalogueSource {
public:
    explicit HubCatalogueSource(Hub& hub) : hub_(hub) {}

    std::unique_ptr<gateway::CatalogueLease> open(
        auth::UpstreamIndex upstream, const mcp::ClientCapabilities& capabilities, Changed changed
    ) override;

private:
    Hub& hub_;
};

}  // namespace gw::upstream
