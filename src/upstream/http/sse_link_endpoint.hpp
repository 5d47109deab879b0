#pragma once

#include "base/error.hpp"

#include <string>
#include <string_view>

namespace gw::upstream {

// The URL of a response that holds a reference.
struct StreamUrl {
    bool is_tls = false;
    std::string_view authority;  // "host" or "host:port".
    std::string_view path;       // With the query.
};

// The path and query that `reference`, a URI reference (RFC 3986, 4.1), means at `stream`. Requests
// with the gateway's credentials are sent there, so it is strict: Errc::upstream_failed when the
// reference leads to another origin, or is written so that two readers could resolve it to two
// places ("..", a backslash, a space).
Result<std::string> resolve_endpoint(std::string_view reference, const StreamUrl& stream);

}  // namespace gw::upstream
