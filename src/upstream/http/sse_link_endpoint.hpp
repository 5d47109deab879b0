#pragma once

#include "base/error.hpp"

#include <string>
#include <string_view>

namespace gw::upstream {

// The event stream that a reference stands on.
struct StreamUrl {
    bool is_tls = false;
    std::string_view authority;  // "host" or "host:port".
    std::string_view path;       // With the query.
};

// The path with the query that `reference`, a URI reference (RFC 3986, 4.1), means on the stream's
// server. Errc::upstream_failed when it leads to another origin, or is written so that two readers
// could resolve it to two places: our credentials go there.
Result<std::string> resolve_endpoint(std::string_view reference, const StreamUrl& stream);

}  // namespace gw::upstream
