#pragma once

#include "base/error.hpp"
#include "http/head.hpp"
#include "web/trusted_proxies.hpp"

#include <string>
#include <string_view>

namespace gw::web {

// What trusted proxies say of a request that came through them.
struct Forwarding {
    std::string client;  // Who sent it to the first of them: a numeric address, or "unix".

    // How and where that one reached it, and what the proxies took off the path. Empty when they do
    // not say, or nothing that can be.
    std::string scheme;  // "http" or "https".
    std::string host;    // With its port, unchecked: see public_url_of().
    std::string prefix;  // Begins with a slash.
};

// Reads Forwarded (RFC 7239) and X-Forwarded-For of a request that `peer`, a trusted proxy, has
// sent. Each proxy appends whom it got the request from. So the lists are followed from their end,
// for as long as the one who appended is trusted: the client is the first that is not, or the last
// that is known, where somebody hides the next or it cannot be read.
//
// Scheme and host are those of the last element of Forwarded that counts, or the last ones in
// X-Forwarded-Proto and X-Forwarded-Host; the prefix is the last in X-Forwarded-Prefix.
//
// Errc::malformed when Forwarded and the others contradict each other. Most proxies write one of
// them and pass on what a client writes into the other.
Result<Forwarding> read_forwarding(
    const http::Head& head,
    std::string_view text,
    const TrustedProxies& proxies,
    std::string_view peer
);

}  // namespace gw::web
