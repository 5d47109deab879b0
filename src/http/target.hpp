#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace gw::http {

// Views into the text that it was parsed from.
struct Target {
    std::string_view path;       // As it was sent, percent escapes included; begins with '/'.
    std::string_view query;      // Without the '?'.
    std::string_view authority;  // Of an absolute-form, else empty. It must equal Host.

    bool operator==(const Target&) const = default;
};

// A request target in origin-form or absolute-form (RFC 9112, 3.2). A path that someone else could
// resolve to another one (dot segments, escaped slashes, empty segments, parameters) is not_found,
// like everything else that is no path of ours.
Result<Target> parse_target(std::string_view target);

// The host of "host[:port]", an IPv6 address with its brackets. Empty when `authority` is anything
// else, so that whoever compares it fails closed.
std::string_view host_of(std::string_view authority);

// Its port; nothing when there is none or host_of() is empty.
std::optional<std::uint16_t> port_of(std::string_view authority);

// localhost, 127.0.0.0/8 with four decimal numbers, or [::1]; no other spelling, no look-up.
bool is_loopback_host(std::string_view host);

}  // namespace gw::http
