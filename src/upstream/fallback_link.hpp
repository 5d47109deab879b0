#pragma once

#include "upstream/http_link.hpp"

#include <memory>

namespace gw::upstream {

// A server of which only the URL is known: Streamable HTTP, or the HTTP+SSE of 2024-11-05 when it
// refuses initialize with 400, 404 or 405 (2025-11-25, basic/transports, Backwards Compatibility).
class FallbackLink final : public Link {
public:
    FallbackLink(
        Environment& around, const Config& config, HttpOrigin origin, mcp::Exchange& outside
    );

    Task<Result<Slice>> open(std::string_view params) override;

    Task<Result<mcp::Answer>> call(const mcp::Request& request, mcp::Exchange& caller) override {
        return link_->call(request, caller);
    }

    void notify(std::string_view method, std::string_view params) override {
        link_->notify(method, params);
    }

    bool is_usable() const override { return link_->is_usable(); }

    Task<> close() override { return link_->close(); }

private:
    Environment& around_;
    const Config& config_;
    HttpOrigin origin_;
    mcp::Exchange& outside_;
    std::unique_ptr<Link> link_;
};

}  // namespace gw::upstream
