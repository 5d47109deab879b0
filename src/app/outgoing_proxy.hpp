#pragma once

#include "app/settings.hpp"
#include "base/error.hpp"
#include "net/connect.hpp"
#include "upstream/hub/hub.hpp"

#include <optional>

namespace gw::app {

// The proxy through which `target` is reached: none when the settings name none for its scheme, or
// exempt its host (no_proxy: "*", names with all below them, addresses). Hosts of this machine are
// always reached directly.
Result<std::optional<net::Proxy>> outgoing_proxy(
    const Proxy& settings, const upstream::Target& target
);

}  // namespace gw::app
