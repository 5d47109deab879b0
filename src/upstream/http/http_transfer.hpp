#pragma once

#include "base/bytes.hpp"
#include "http/client.hpp"
#include "http/sse.hpp"
#include "mcp/peer.hpp"
#include "mcp/scan.hpp"
#include "upstream/ground/config.hpp"
#include "upstream/ground/link_resources.hpp"

#include <boost/intrusive/list.hpp>

#include <array>
#include <charconv>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

// What both eras of Streamable HTTP do alike: a message is a POST of its own, answered by JSON or
// by an event stream.
namespace gw::upstream {

// Where a server is, as its requests name it. `pool` and `moved` outlive it and its copies.
struct HttpOrigin {
    http::Pool& pool;
    std::string host;              // For the Host header.
    std::string path;              // With the query.
    std::string* moved = nullptr;  // Is set to the path of a 308, which is for good; may be null.
};

using HttpConnection = std::unique_ptr<http::ClientConnection>;

constexpr http::HeadLimits head_limits{};

// A number as text, in place.
class NumberText {
public:
    explicit NumberText(std::uint64_t number)
        : size_(static_cast<std::size_t>(
              std::to_chars(text_.data(), text_.data() + text_.size(), number).ptr - text_.data()
          )) {}

    std::string_view view() const { return {text_.data(), size_}; }

private:
    std::array<char, 20> text_;
    std::size_t size_;
};

using HttpCallHook =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

// One call, as far as its connection is concerned.
struct HttpCall : mcp::Withdrawable, HttpCallHook {
    HttpCall() = default;

    // Ends the wait for its connection.
    void withdraw() override {
        is_withdrawn = true;
        if (stream != nullptr) stream->cancel();
    }

    net::Stream* stream = nullptr;  // What the call waits on; null: it has no connection.
    bool is_withdrawn = false;
    bool may_repeat = false;  // The connection broke before a byte of an answer had come.
    bool was_heard = false;   // Progress, a log line or a question of it has come.
    unsigned redirects = 0;   // How many it has followed.
    bool was_sent = false;    // There was a connection for it.

protected:
    ~HttpCall() = default;
};

// The first lines of a request: the request line, Host, and the headers that are configured for the
// server. The caller adds more, and the empty line.
std::string begin_head(std::string_view method, const HttpOrigin& origin, const Config& config);

constexpr unsigned redirects_max = 3;  // Of one request.

// True when `response` is a 307 or 308 to the same server, which may be followed: `origin` has the
// new path then, and the caller sends the same request of `call` there. False for any other, and
// after redirects_max; where a redirect leads that is not followed is logged.
bool follow(
    HttpOrigin& origin,
    HttpCall& call,
    const http::ClientConnection& response,
    const LinkResources& around,
    const Config& config
);

// The error of a request that got `status` instead of an answer: Errc::upstream_unauthorized for
// 401 and 403, else Errc::upstream_failed. `detail` is for the log, and `config` that of the
// server.
std::unexpected<Error> refused_with(int status, const Config& config, std::string detail);

// A POST of a JSON-RPC request. `head` and `more` are all of its head up to the value of
// Content-Length. `id` is JSON; `method` needs no escapes in JSON; without `params` there are none.
Buffer render_post(
    std::string_view head,
    std::string_view more,
    std::string_view id,
    std::string_view method,
    const mcp::Splice& params
);

// An idle connection of the pool, or a new one, with the errors of Pool::connect(). It is given
// back by Pool::give_back().
Task<Result<HttpConnection>> take(http::Pool& pool);

// Sends `message`, a whole request of `call`, on a connection of the pool, and waits for the head
// of the response. The connection comes back with that head; call.stream is its stream.
//
// On an error the connection was closed. call.may_repeat tells that it was used before and that not
// a byte of a response came: then the server most likely closed it as idle at the same moment and
// ran nothing. That cannot be told from a crash, so the caller decides. Errc::cancelled after
// call.withdraw().
Task<Result<HttpConnection>> exchange(http::Pool& pool, HttpCall& call, std::string_view message);

// The status that the response has for us: an answer that comes with 201 is one with 200.
inline int answered_status(const http::ClientConnection& connection) {
    const int status = connection.head.status;
    return status == 201 ? 200 : status;
}

// True when the head of the response announces an event stream.
bool is_event_stream(const http::ClientConnection& connection);

// Reads the whole body. Above 64 KiB it takes room from the budget, which `hold` has: keep it for
// as long as the body. The connection keeps its head. Errc::upstream_failed when the body is over
// Limits::body_bytes_max or can never have room; Errc::timed_out when there was no room in time;
// else the errors of the connection.
Task<Result<Slice>> read_body(
    LinkResources& around, http::ClientConnection& connection, std::shared_ptr<void>& hold
);

// What an answer takes of the budget stays taken for as long as its result is kept.
inline void keep_hold(Result<mcp::Answer>& answer, std::shared_ptr<void> hold) {
    auto* const completed = answer ? std::get_if<mcp::Completed>(&*answer) : nullptr;
    if (completed != nullptr) completed->hold = std::move(hold);
}

// Scans `body` into `scan`, as deep as `limits` let it be. It must be the response to the request
// with `id`, JSON; an array of one (2025-03-26) is narrowed to that. Errc::upstream_failed for
// anything else.
Result<void> check_answer(Slice& body, mcp::Scan& scan, std::string_view id, const Limits& limits);

}  // namespace gw::upstream
