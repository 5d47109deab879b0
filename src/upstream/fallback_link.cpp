#include "upstream/fallback_link.hpp"

#include "upstream/sse_link.hpp"

#include <utility>

namespace gw::upstream {

FallbackLink::FallbackLink(
    Environment& around, const Config& config, HttpOrigin origin, mcp::Exchange& outside
)
    : around_(around),
      config_(config),
      origin_(std::move(origin)),
      outside_(outside),
      link_(std::make_unique<HttpLink>(around, config, origin_, outside)) {}

Task<Result<Slice>> FallbackLink::open(std::string_view params) {
    auto& http = static_cast<HttpLink&>(*link_);
    auto opened = co_await http.open(params);
    const int status = http.refused_status();
    if (opened || (status != 400 && status != 404 && status != 405)) co_return opened;
    auto old = make_sse_link(around_, config_, origin_, outside_);
    auto reopened = co_await old->open(params);
    if (!reopened) {
        co_await old->close();
        co_return opened;  // It is not an old server either: what it said first counts.
    }
    co_await link_->close();
    link_ = std::move(old);
    co_return reopened;
}

}  // namespace gw::upstream
