#pragma once

#include "async/wheel.hpp"
#include "net/byte_stream.hpp"
#include "transport/post_stream.hpp"
#include "web/connection.hpp"

#include <chrono>
#include <optional>

namespace gw::transport {

// Looks whether a stateless client leaves before it has its answer: that is how it cancels its
// request (2026-07-28, basic/transports/streamable-http, Cancellation). Quick answers cost nothing
// but the timer.
//
// A client that sends nothing more may still read (RFC 9293, 3.6, half-closed). The two look the
// same until something is written: who has gone as a whole answers it by a reset. So the answer
// becomes a stream, which begins with a comment; without a reset in time the client is there. One
// that can get only JSON, or has TLS, has left.
class ClientWatch final : async::Timer, net::ByteStream::Observer {
public:
    static constexpr std::chrono::milliseconds patience{50};
    static constexpr std::chrono::milliseconds doubt{1000};

    // Both outlive it.
    ClientWatch(web::Connection& connection, PostStream& stream);
    ~ClientWatch();

    // Whether the client will get what it is told now, as far as one can know: for what it must not
    // miss. It takes as long as there is doubt.
    Task<bool> is_there();

private:
    void begin();

    void expire() override { begin(); }

    void read_has_ended() override;

    web::Connection& connection_;
    PostStream& stream_;
    bool is_watching_ = false;
    bool has_left_ = false;
    std::optional<TimePoint> is_sure_at_;  // Of a half-closed connection.
};

}  // namespace gw::transport
