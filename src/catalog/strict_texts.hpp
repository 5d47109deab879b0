#pragma once

#include <string_view>

namespace gw::catalog {

// What stock clients take for a date: RFC 3339 with "T", seconds, and "Z" or an offset, of a day
// that there is. What RFC 3339 has beside that (small letters, leap seconds) they refuse.
bool is_timestamp(std::string_view text);

// What stock clients take for a URI: a scheme, and where an authority follows it, a host and a port
// that can be ones. http, https, ws, wss and ftp need a host.
bool is_uri(std::string_view text);

// Whether a JSON number is an integer, however it is written (12.0, 1e3), below 2^63.
bool is_integer(std::string_view number);

}  // namespace gw::catalog
