#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Which texts are acceptable as what.
namespace gw::app {

// The name of an upstream or a virtual server, as it stands in a path: 1 to 64 characters of
// A-Z a-z 0-9 . _ - that start with a letter or a digit.
bool is_name(std::string_view text);

struct HostPort {
    std::string_view host;  // Without brackets.
    std::optional<std::uint16_t> port;
};

// RFC 3986 3.2, without userinfo and percent-encoding:
// host [ ":" port ], host := IPv4 | "[" IPv6 "]" | 1*( ALPHA / DIGIT / "-" / "." / "_" )
std::optional<HostPort> split_host_port(std::string_view text);

bool is_host_port(std::string_view text);

// As net::parse_listen_address() takes it.
bool is_listen_address(std::string_view text);
bool is_listen_address_or_none(std::string_view text);  // Or the word "none".

// RFC 6454 7: scheme "://" host [ ":" port ]
bool is_origin(std::string_view text);

// An http or https URL without credentials, which belong in headers, and without a fragment.
bool is_http_url(std::string_view text);

// "http://" [ userinfo "@" ] host [ ":" port ] [ "/" ]
bool is_proxy_url(std::string_view text);

// RFC 9110 5.6.2: a token.
bool is_header_name(std::string_view text);

// RFC 9110 5.5, without obs-text: visible characters, with spaces and tabs between them only.
bool is_header_value(std::string_view text);

// A header that the gateway itself writes on requests to an upstream.
bool is_own_header(std::string_view name);

// A variable's name as a shell takes it.
bool is_variable_name(std::string_view text);

// A truth value as variables of the environment have it: true, 1, yes, on, y, t or their opposites,
// in capitals or not. Python's pydantic takes the same.
std::optional<bool> parse_flag(std::string_view text);

// UTF-8 (RFC 3629) without the control characters that a text file has no use for.
bool is_text_file(std::string_view text);

}  // namespace gw::app
