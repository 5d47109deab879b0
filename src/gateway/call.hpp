#pragma once

#include "auth/permit.hpp"
#include "auth/principal.hpp"
#include "gateway/downgrade.hpp"
#include "gateway/views.hpp"
#include "mcp/peer.hpp"
#include "mcp/results.hpp"
#include "mcp/scan.hpp"
#include "session/session.hpp"
#include "telemetry/labels.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace gw::gateway {

class Parks;
class StateSeal;
class TaskSeal;

// The headers of a request, as far as they mirror its body.
class Headers {
public:
    // The value without white space around it; nothing when there is no such header.
    virtual std::optional<std::string_view> value(std::string_view name) const = 0;

    // Calls `visit` with name and value of each, as they came.
    using Visit = std::function<void(std::string_view name, std::string_view value)>;
    virtual void each(const Visit& visit) const = 0;

protected:
    ~Headers() = default;
};

// What a request of a stateless client brings beside the message.
struct Stateless {
    const Headers& headers;
    Parks& parks;
    const StateSeal& seal;
    std::string_view owner;  // Whom limits count the caller under.
    bool is_public;          // Everybody sees the same: nobody has to say who he is.
};

// Everything a method needs to answer one request. It lives in the caller's frame, so a method may
// hold it across co_await, and nothing may keep it afterwards.
struct Call {
    session::Session& session;
    const auth::PrincipalHandle& principal;  // Of this request; whoever keeps it takes a copy.
    Views& views;
    mcp::Exchange& caller;
    std::string_view message;  // The client's, and where its parts are.
    const mcp::Scan& scan;
    const TaskSeal& task_seal;
    mcp::Request request;                  // As it would go upstream unchanged.
    const Stateless* stateless = nullptr;  // Null when the client speaks a revision with sessions.
    std::string asker{};  // The upstream server's name, if users have to be told who asks them.
    Output output = Output::as_it_is;
    mcp::PeerHandle server{};  // The upstream server that it is for, once that is known.
    telemetry::McpMethod counted_as = telemetry::McpMethod::other();  // Once it is looked up.
    mcp::Cache cache{};  // How long the answer may be kept, if it is a list.

    // Who asks. The session is its owner's, but may have been opened with another token.
    const auth::Principal& who() const { return *principal; }

    std::string_view part(mcp::Part part) const { return scan[part].of(message); }

    // A part that has to be a string: without quotes and escapes. Errc::invalid_params else, and
    // for a lone surrogate, because servers decode it differently.
    Result<std::string> string(mcp::Part part, std::string_view name) const;

    // It is for the server of the permit, which it holds from now on.
    Result<void> connect(const auth::Permit& permit);
};

}  // namespace gw::gateway
