#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gw {

// How many bytes the character at the front of `text` takes; 0 when `text` is empty or does not
// begin with UTF-8 as RFC 3629 has it: shortest form, no surrogates, at most U+10FFFF.
std::size_t utf8_size(std::string_view text);

// The beginning of `text`, at most so many bytes and no part of a character. `text` is UTF-8.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes_max);

// Takes what follows "\u" in a JSON string off the front of `rest`: one code point, which may need
// a second escape; U+FFFD for a surrogate that stands alone. Nothing when the digits are wrong;
// then the position of `rest` means nothing.
std::optional<char32_t> take_escaped(std::string_view& rest);

// Adds `code`, which must be a code point and no surrogate, as UTF-8.
void append_utf8(std::string& out, char32_t code);

}  // namespace gw
