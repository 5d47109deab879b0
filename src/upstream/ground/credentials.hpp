#pragma once

#include "upstream/ground/config.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gw::upstream {

// What has less bytes is too common to be told from other words.
constexpr std::size_t credential_min = 6;

// The texts with which the gateway, or a child, shows a server who it is, each of credential_min
// bytes and more, the longest first. docs/security.md, "What servers say", has the rule.
std::vector<std::string> credentials_of(const Config& config);

// Whether a header, variable or parameter of this name holds a credential.
bool names_credential(std::string_view name);

// `text` with %XX, or with the escapes of JSON strings, resolved; what is none stays.
std::string percent_decoded(std::string_view text);
std::string json_decoded(std::string_view text);

// The size of the JSON string at the front of `text`, with its quotes; that of `text` if it does
// not end there.
std::size_t json_string_size(std::string_view text);

}  // namespace gw::upstream
