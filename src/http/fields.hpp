#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gw::http {

// Headers that mean something to us; each has a slot in a Head.
enum class Field : std::uint8_t {
    host,
    origin,
    authorization,
    accept,
    content_type,
    content_length,
    content_encoding,
    transfer_encoding,
    connection,
    expect,
    upgrade,
    mcp_session_id,
    mcp_protocol_version,
    mcp_method,
    mcp_name,
    last_event_id,
    allow,
    keep_alive,
    retry_after,
    www_authenticate,
    location,
    user_agent,
    traceparent,
    access_control_request_method,
    access_control_request_headers,
    x_upstream_authorization,
    count,
};

inline constexpr auto field_count = static_cast<std::size_t>(Field::count);

// The field's name, in small letters.
std::string_view to_string(Field field);

// Which field `name` is, in any case, or Field::count. `name` must hold no control bytes.
Field field_of(std::string_view name);

}  // namespace gw::http
