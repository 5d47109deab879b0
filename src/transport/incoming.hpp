#pragma once

#include "auth/permit.hpp"
#include "mcp/revision.hpp"
#include "web/request.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gw::transport {

class Endpoint;

// What MCP makes of one HTTP request. It is kept with the request, and ends with it.
struct Incoming {
    Incoming(Endpoint& by, web::Request& whole) : endpoint(by), request(whole) {}

    Incoming(const Incoming&) = delete;
    Incoming& operator=(const Incoming&) = delete;
    ~Incoming() = default;

    Endpoint& endpoint;
    web::Request& request;
    std::string body_without_nulls;         // When it had some: what the body is then.
    bool has_server = false;                // Its path names one that is configured:
    auth::ServerNumber server = 0;          // this one,
    std::uint64_t policy = 0;               // as of this Endpoint::policy_number().
    std::optional<mcp::Revision> revision;  // What its header names, if that is known.
    bool is_stateless = false;              // It is of a revision without sessions.
    bool takes_json = false;
    bool takes_events = false;

    std::string_view body() const { return request.body; }

    bool has(http::Field field) const { return request.head.has(field); }

    std::string_view value(http::Field field) const { return request.value(field); }
};

// Which revision the head names; nothing for none that is known.
std::optional<mcp::Revision> revision_of(const web::Request& request);

// Whether it is of a revision without sessions, as far as a refusal needs to know: a request may be
// refused before anything was made of it.
bool is_stateless(const web::Request& request);

}  // namespace gw::transport
