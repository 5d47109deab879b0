#pragma once

#include "mcp/peer.hpp"
#include "mcp/splice.hpp"

#include <string_view>

// The params of a request as its server gets them. What the gateway changes in them before is noted
// in Request::params; `_meta` as a whole is written here and by StatelessTerms, and nowhere else.
namespace gw::mcp {

// True when a server with sessions gets other params than Request::params.
inline bool differs_for_sessions(const Request& request) {
    return !request.progress_token.empty() ||
           (request.envelope != nullptr && !request.meta.empty());
}

// The params for a server with sessions: without the envelope of a stateless client, and with
// `token`, raw JSON, as the progress token if the client wants progress. Points into `request`.
Splice session_params(const Request& request, std::string_view token);

// The params of `request` are `text` from now on, which is what they were with their edits: where
// `_meta` and the progress token stand is found there. `text` outlives the request.
void move_params(Request& request, std::string_view text);

}  // namespace gw::mcp
