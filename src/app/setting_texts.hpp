#pragma once

#include <string_view>

// Which texts the settings take, where the grammar has no word for it.
namespace gw::app {

// What no file name, argument or variable can contain.
bool has_no_nul(std::string_view text);

bool is_status_socket(std::string_view text);

// Of names: upstreams.NAME.name_prefix.
bool is_prefix(std::string_view text);

bool is_public_url_or_none(std::string_view text);

bool is_proxy_or_none(std::string_view text);

// A header that the gateway does not write itself.
bool is_settable_header(std::string_view text);

}  // namespace gw::app
