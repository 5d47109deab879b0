#pragma once

#include "base/buffer.hpp"
#include "base/clock.hpp"

#include <cstdint>
#include <string_view>

// Small pieces of HTTP text.
namespace gw::http {

// Without the spaces and tabs around it (RFC 9110, OWS).
std::string_view trim(std::string_view text);

// The reason phrase of a status that we send; empty for others, which is legal.
std::string_view reason(int status);

void append_number(Buffer& out, std::uint64_t number);

// In hexadecimal digits, without leading zeros.
void append_hex(Buffer& out, std::uint64_t number);

// An IMF-fixdate (RFC 9110, 5.6.7), 29 bytes: "Sun, 06 Nov 1994 08:49:37 GMT".
void append_date(Buffer& out, WallTime when);

}  // namespace gw::http
