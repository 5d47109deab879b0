#pragma once

#include "base/bytes.hpp"
#include "http/client.hpp"
#include "http/sse.hpp"
#include "mcp/peer.hpp"
#include "mcp/scan.hpp"
#include "upstream/ground/config.hpp"
#include "upstream/ground/environment.hpp"

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

// Where a server is, as its requests name it.
struct HttpOrigin {
    http::Pool& pool;
    std::string host;              // For the Host header.
    std::string path;              // With the query.
    std::string* moved = nullptr;  // Where a path for good is noted (308); null: nowhere.
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

    void withdraw() override {
        is_withdrawn = true;
        if (stream != nullptr) stream->cancel();
    }

    net::Stream* stream = nullptr;  // What the call waits on.
    bool is_withdrawn = false;
    bool may_repeat = false;  // The connection broke before a byte of an answer had come.
    bool was_heard = false;   // Progress, a log line or a question of it has come.
    unsigned redirects = 0;
    bool was_sent = false;  // There was a connection for it.

protected:
    ~HttpCall() = default;
};

// The first lines of a request, with the headers that are configured for the server.
std::string begin_head(std::string_view method, const HttpOrigin& origin, const Config& config);

constexpr unsigned redirects_max = 3;  // Of one request.

// Lets `origin` name where a response of 307 or 308 leads, if that is on the same server: the same
// request of `call` is to be sent there. False for all others; where they lead is logged.
bool follow(
    HttpOrigin& origin,
    HttpCall& call,
    const http::ClientConnection& response,
    const Environment& around,
    const Config& config
);

// What it means that a request got `status` instead of an answer; `detail` is for the log.
std::unexpected<Error> refused_with(int status, std::string detail);

// A POST of a request: `head` and `more` are all of its head up to the value of Content-Length.
Buffer render_post(
    std::string_view head,
    std::string_view more,
    std::string_view id,
    std::string_view method,
    const mcp::Splice& params
);

Task<Result<HttpConnection>> take(http::Pool& pool);

// Sends `message` and reads the head of the response. On a connection that the server closed at
// the same moment nothing was run, if not a byte of a response came and the server is known to
// close idle connections; but that cannot be told from a crash, so the caller decides.
Task<Result<HttpConnection>> exchange(http::Pool& pool, HttpCall& call, std::string_view message);

// The head of the response announces an event stream.
bool is_event_stream(const http::ClientConnection& connection);

// The whole body; `hold` is what of the budget it takes up. The connection keeps its head.
Task<Result<Slice>> read_body(
    Environment& around, http::ClientConnection& connection, std::shared_ptr<void>& hold
);

// The message in a JSON body, scanned, which must be the answer to the request `id`.
Result<void> check_answer(Slice& body, mcp::Scan& scan, std::string_view id);

}  // namespace gw::upstream
