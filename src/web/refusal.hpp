#pragma once

#include "base/buffer.hpp"
#include "base/error.hpp"
#include "web/reply.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gw::web {

// What is wrong with a request before it is known what it asks for: HTTP has statuses of its own
// for that.
enum class HttpFault : std::uint8_t {
    late_body,
    target_too_long,
    head_too_large,
    unsupported_http
};

// The status that HTTP has for it. Those of failures are in refusal_table.hpp.
int status_of(HttpFault fault);

// The header line, with its CRLF, that tells a client what it can do about a failure; empty where
// there is none. `allow` are the methods that there are.
std::string headers_of(Errc kind, std::string_view allow);

// A text that quotes what a client sent, such as the name of a method, but not all of it.
std::string shortened(std::string_view text);

// Appends a whole response that says what failed, as {"detail":"..."}. Returns its status.
int append_refusal(
    Buffer& out, ReplyHead reply, std::optional<HttpFault> fault, const Error& error
);

}  // namespace gw::web
