#pragma once

#include "auth/permit.hpp"
#include "gateway/views.hpp"
#include "mcp/peer.hpp"
#include "mcp/scan.hpp"
#include "session/session.hpp"

#include <string>
#include <string_view>

namespace gw::gateway {

// Everything a method needs to answer one request. It lives in the caller's frame, so a method may
// hold it across co_await, and nothing may keep it afterwards.
struct Call {
    session::Session& session;
    Views& views;
    mcp::Exchange& caller;
    std::string_view message;  // The client's, and where its parts are.
    const mcp::Scan& scan;
    mcp::Request request;  // As it would go upstream unchanged.

    const auth::Principal& who() const { return session.terms().who; }

    std::string_view part(mcp::Part part) const { return scan[part].of(message); }

    // A part that has to be a string: without quotes and escapes. Errc::invalid_params else.
    Result<std::string> string(mcp::Part part, std::string_view name) const;
};

}  // namespace gw::gateway
