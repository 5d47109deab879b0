#pragma once

#include "mcp/capabilities.hpp"
#include "mcp/peer.hpp"
#include "mcp/revision.hpp"

#include <string_view>

namespace gw::gateway {

// For whom an upstream server's error is.
struct Asker {
    mcp::Revision revision;
    mcp::ClientCapabilities capabilities;
    std::string_view method;
    std::string_view quoted_uri;  // Of resources/read, as the client wrote it.
};

// An upstream server's error in the words of the client's revision: the same code means different
// things in the two eras. Between a client and a server that both have sessions nothing is changed,
// but for a client that cannot open URLs, and where only a server without sessions can say it.
Result<mcp::Answer> translate_error(mcp::Refused refused, const Asker& asker);

}  // namespace gw::gateway
