#pragma once

#include "base/buffer.hpp"

#include <cstddef>
#include <string>
#include <string_view>

// Messages of JSON-RPC 2.0 as bytes to send. An `id`, `params`, `result` or `data` is JSON text
// that was checked before; it goes out as it stands. A method or an error's message is plain text.
namespace gw::jsonrpc {

// What an error may say back, at most, of what a client sent, beside the id.
constexpr std::size_t echo_bytes_max = std::size_t{8} * 1024;

// How every message that has an id begins, for those who write the rest in place.
constexpr std::string_view before_id = R"({"jsonrpc":"2.0","id":)";

void append_result(Buffer& out, std::string_view id, std::string_view result);

// An empty `id` is sent as null, which is how revisions before 2026-07-28 say that the request
// could not be read; an empty `data` is left out.
void append_error(
    Buffer& out, std::string_view id, int code, std::string_view message, std::string_view data
);

// The same without an "id" member: what 2026-07-28 wants instead of null.
void append_error_without_id(
    Buffer& out, int code, std::string_view message, std::string_view data
);

// Empty `params` are left out.
std::string notification(std::string_view method, std::string_view params);
std::string request(std::string_view id, std::string_view method, std::string_view params);

}  // namespace gw::jsonrpc
