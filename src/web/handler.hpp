#pragma once

#include "base/buffer.hpp"
#include "base/error.hpp"
#include "base/task.hpp"
#include "web/reply.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gw::web {

class Connection;
struct Request;

// Answers the requests of some routes on one shard. A port: MCP is one implementation.
class Handler {
public:
    virtual ~Handler() = default;

    // Looks up what the path names, before it is known who asks: keeps what it finds with the
    // request, and tells nobody.
    virtual void locate(Request& request);

    // Checks what the head decides beyond HTTP itself; the request is authenticated, as its route
    // wants it, and its body not read yet. Returns the index of the shard that has to answer, or
    // nothing for this one. Without an override: whoever is bound to one virtual server finds
    // nothing here, so whoever overrides it says what that one may have.
    virtual Result<std::optional<unsigned>> check(Request& request);

    // Answers a request that has passed check() and whose body is there, on `connection`: writes
    // the whole answer, or moves the connection to another shard, or has it follow with a stream.
    // `request.status` is set to what was answered. Both outlive the task.
    virtual Task<> serve(Connection& connection, Request& request) = 0;

    // Appends the whole answer to a request that is refused before serve(), perhaps before its head
    // could be read, in the words of the handler's protocol. `reply` has what belongs to the
    // connection. Returns the status. Without an override: `{"detail":"..."}`.
    virtual int refuse(Buffer& out, ReplyHead reply, const Request& request, const Error& error)
        const;

    // True when requests are answered even while the gateway ends, and by however many others it is
    // busy.
    virtual bool is_always_served() const { return false; }

    // Which headers of its own a page may send, and read (Fetch, CORS protocol): lists as they
    // stand in a header.
    virtual std::string allowed_headers(const Request& request) const;

    virtual std::string_view exposed_headers() const { return "WWW-Authenticate"; }
};

// What a connection goes on with when its last request has been answered and forgotten, such as a
// long stream.
class Follower {
public:
    virtual ~Follower() = default;

    // Runs until it ends, and the connection with it.
    virtual Task<> run() = 0;
};

}  // namespace gw::web
