#pragma once

#include "gateway/catalogue_source.hpp"
#include "upstream/hub/hub.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace gw::upstream {

// Opens the gateway's own upstream sessions, for listing.
class HubCatalogueSource final : public gateway::CatalogueSource {
public:
    // `hub` outlives it and all that it opens.
    explicit HubCatalogueSource(Hub& hub) : hub_(hub) {}

    // As gateway::CatalogueSource has it. Nothing is connected before the first list().
    std::unique_ptr<gateway::CatalogueLease> open(
        auth::UpstreamNumber upstream, const mcp::ClientCapabilities& capabilities, Changed changed
    ) override;

    Eras spoken(auth::UpstreamNumber upstream) const override;

    std::string without_secrets(auth::UpstreamNumber upstream, std::string_view line)
        const override;

private:
    Hub& hub_;
};

}  // namespace gw::upstream
