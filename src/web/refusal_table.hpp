#pragma once

#include "base/error.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace gw::web {

// The header that tells a client what it can do about a refusal.
enum class Remedy : std::uint8_t {
    none,
    challenge,  // WWW-Authenticate: show a token.
    allow,      // Allow: use one of these methods.
    retry       // Retry-After: come back.
};

// How HTTP says that a request is refused.
struct HttpRefusal {
    Errc kind;
    int status;
    Remedy remedy = Remedy::none;
};

// The only place that has these statuses. A kind that is not in here is no refusal of HTTP: what
// was asked has failed, or is refused by MCP alone (transport/failure.cpp).
constexpr std::array refusals{
    HttpRefusal{Errc::malformed, 400},
    HttpRefusal{Errc::invalid_request, 400},
    HttpRefusal{Errc::invalid_params, 400},
    HttpRefusal{Errc::unsupported_version, 400},
    HttpRefusal{Errc::unauthenticated, 401, Remedy::challenge},
    HttpRefusal{Errc::forbidden, 403},
    HttpRefusal{Errc::foreign_origin, 403},
    HttpRefusal{Errc::not_found, 404},
    HttpRefusal{Errc::resource_not_found, 404},
    HttpRefusal{Errc::unknown_session, 404},
    HttpRefusal{Errc::unknown_path, 404},
    HttpRefusal{Errc::method_not_allowed, 405, Remedy::allow},
    HttpRefusal{Errc::not_acceptable, 406},
    HttpRefusal{Errc::conflict, 409},
    HttpRefusal{Errc::payload_too_large, 413},
    HttpRefusal{Errc::unsupported_media_type, 415},
    HttpRefusal{Errc::too_many, 429, Remedy::retry},
    HttpRefusal{Errc::unavailable, 503, Remedy::retry},
};

// The row of a kind; 500 without a remedy for one that has none.
constexpr HttpRefusal refusal_of(Errc kind) {
    const auto* const row = std::ranges::find(refusals, kind, &HttpRefusal::kind);
    return row == refusals.end() ? HttpRefusal{kind, 500} : *row;
}

}  // namespace gw::web
