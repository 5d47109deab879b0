#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gw::mcp {

// Something that a user has to do at a URL before a request can be answered.
struct UrlElicitation {
    std::string message;
    std::string url;
    std::string params;  // Of elicitation/create in a revision that has no elicitationId.
};

// What an error -32042 of 2025-11-25 asks for, which is in its data; what is not well formed is
// left out. `error` was checked before.
std::vector<UrlElicitation> url_elicitations(std::string_view error);

}  // namespace gw::mcp
