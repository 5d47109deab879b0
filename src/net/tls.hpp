#pragma once

#include "base/error.hpp"

#include <openssl/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace gw::net {

// One connection's TLS state. It reads and writes the descriptor itself and never waits: each
// operation says what has to happen before it is tried again. It knows no event loop, so it moves
// to another shard with the descriptor, whose number does not change.
class Tls {
public:
    // Takes over `ssl`, which knows its role and what it expects of the other side.
    explicit Tls(SSL* ssl);
    Tls(const Tls&) = delete;
    Tls& operator=(const Tls&) = delete;
    ~Tls();

    // Uses this connected, non-blocking socket from now on.
    void attach(int descriptor);

    // What an operation needs before it can go on.
    enum class Need : std::uint8_t { nothing, readable, writable };

    struct Step {
        Need need = Need::nothing;
        std::size_t bytes = 0;  // Only if it needs nothing. For a read, 0 is the announced end.
    };

    // Until it has begun the stream on top reads plain bytes, with which a proxy may say whose
    // connection it is.
    Result<Step> handshake();

    // Whether the handshake has begun.
    bool has_begun() const;

    // Reads what one record has, or less if `room` is smaller.
    Result<Step> read(std::span<char> room);

    // As read(), for one byte, which stays unread.
    Result<Step> peek();

    // Writes a part of `bytes`. When it needs something, the next write must begin with the same
    // bytes, at whatever address.
    Result<Step> write(std::string_view bytes);

    // Whether a read might succeed although the socket has nothing.
    bool has_buffered() const;

    // Tells the other side that nothing more will be written, if that is possible without waiting.
    void close();

    static constexpr std::size_t record_bytes_max = 16 * 1024;

    // For the stream's pending read.
    struct Read {
        std::span<char> room;
        std::optional<Error> failure;
        bool is_cancelled = false;
    };

    Read pending;

private:
    struct Free {
        void operator()(SSL* ssl) const;
    };

    Result<Step> outcome(int result, std::size_t bytes, std::string_view what);

    int descriptor_ = -1;  // Where OpenSSL's side of it finds it, so a Tls stays where it is.
    std::unique_ptr<SSL, Free> ssl_;
    bool is_broken_ = false;
};

}  // namespace gw::net
