#pragma once

#include "base/error.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gw::web {

struct Options;
struct Request;

// Where clients reach the gateway: what others may be told, and believe.
struct PublicUrl {
    std::string origin;  // As a browser writes it: in small letters, without the usual port.
    std::string host;    // Of it, without port; an IPv6 address with its brackets.
    std::string path;    // What is before our paths: "/gateway", or nothing.

    bool operator==(const PublicUrl&) const = default;

    std::string text() const { return origin + path; }
};

// "https://" host [ ":" port ] [ path ], or "http://"; an end slash does not count.
Result<PublicUrl> parse_public_url(std::string_view text);

// The setting public_url; without it what the request says, for its Host, or what a trusted proxy
// says in its place, where the operator has named it. Nothing else: any client can write any name.
std::optional<PublicUrl> public_url_of(const Options& options, const Request& request);

}  // namespace gw::web
