#pragma once

#include "base/error.hpp"
#include "base/task.hpp"

#include <cstddef>
#include <optional>

namespace gw::web {

class HttpServer;
struct Request;

// Checks everything that the head of a request decides, before its body is read; the last to ask is
// the handler. Returns the index of the shard that has to answer, or nothing for this one. Where
// `request.awaits_principal` is set then, it is not done: check_known() has the rest.
Result<std::optional<unsigned>> check_head(HttpServer& server, Request& request);

// Asks whom the authenticator has to ask. As long as that takes, the request has its place among
// those that run; the fiber's deadline bounds it.
Task<Result<void>> await_principal(HttpServer& server, Request& request);

// What is left to check once it is known who is asking.
Result<std::optional<unsigned>> check_known(HttpServer& server, Request& request);

// That who asks may still do so, after a wait.
Result<void> check_again(HttpServer& server, const Request& request);

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
Result<void> locate(HttpServer& server, Request& request);
Result<void> authenticate(HttpServer& server, Request& request);
Result<void> body_size(HttpServer& server, Request& request);

}  // namespace checks

}  // namespace gw::web
