#pragma once

#include "base/error.hpp"

#include <cstddef>
#include <optional>

namespace gw::web {

class HttpServer;
struct Request;

// Checks everything that the head of a request decides, before its body is read; the last to ask is
// the handler. Returns the index of the shard that has to answer, or nothing for this one.
Result<std::optional<unsigned>> check_head(HttpServer& server, Request& request);

// That a body of such a size may come with the head of `request`.
Result<void> check_size(HttpServer& server, const Request& request, std::size_t body_size);

// One check each. They are listed, with the reason for the order, in checks.cpp.
namespace checks {

Result<void> forwarding(HttpServer& server, Request& request);
Result<void> capacity(HttpServer& server, Request& request);
Result<void> path(HttpServer& server, Request& request);
Result<void> host(HttpServer& server, Request& request);
Result<void> origin(HttpServer& server, Request& request);
Result<void> method(HttpServer& server, Request& request);
Result<void> draining(HttpServer& server, Request& request);
Result<void> authenticate(HttpServer& server, Request& request);
Result<void> body_size(HttpServer& server, Request& request);

}  // namespace checks

}  // namespace gw::web
