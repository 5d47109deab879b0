#pragma once

#include "transport/endpoint.hpp"
#include "transport/incoming.hpp"

namespace gw::transport {

// Checks everything that the head of a request decides, before its body is read.
Result<void> check_head(Endpoint& endpoint, Incoming& incoming);

// One check each. They are listed, with the reason for the order, in pipeline.cpp.
namespace steps {

Result<void> era(Endpoint& endpoint, Incoming& incoming);
Result<void> capacity(Endpoint& endpoint, Incoming& incoming);
Result<void> host(Endpoint& endpoint, Incoming& incoming);
Result<void> path(Endpoint& endpoint, Incoming& incoming);
Result<void> server(Endpoint& endpoint, Incoming& incoming);
Result<void> origin(Endpoint& endpoint, Incoming& incoming);
Result<void> method(Endpoint& endpoint, Incoming& incoming);
Result<void> draining(Endpoint& endpoint, Incoming& incoming);
Result<void> authenticate(Endpoint& endpoint, Incoming& incoming);
Result<void> body_size(Endpoint& endpoint, Incoming& incoming);
Result<void> content_type(Endpoint& endpoint, Incoming& incoming);
Result<void> accept(Endpoint& endpoint, Incoming& incoming);
Result<void> protocol_version(Endpoint& endpoint, Incoming& incoming);

}  // namespace steps

// What a request of the session era is told whose header names none of our revisions.
std::unexpected<Error> unsupported_version();

// True when a page of this origin may talk to us.
bool is_allowed_origin(const Options& options, std::string_view origin, std::string_view host);

}  // namespace gw::transport
