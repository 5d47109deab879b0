#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gw {

// RFC 4648, section 4: four characters for three bytes, padded with "=".
std::string to_base64(std::string_view bytes);

// The bytes of which to_base64() makes just this text; nothing for any other spelling of them: two
// spellings of one value would pass a filter by one of them.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace gw
