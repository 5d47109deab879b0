#pragma once

#include "net/stream.hpp"

#include <memory>
#include <string>

namespace gw::web {

class Handler;
class HttpServer;

// Answers one request on a connection that was accepted with the last descriptor, and closes it,
// within a third of a second, because others wait for that descriptor: /health as ever, since the
// process is alive, and all else by 503, in the words of `otherwise`. That and `server`, in whose
// place it answers, outlive the task.
Task<> answer_in_need(
    HttpServer& server, std::unique_ptr<net::Stream> stream, std::string peer, Handler& otherwise
);

}  // namespace gw::web
