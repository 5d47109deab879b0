#pragma once

#include "base/buffer.hpp"
#include "base/error.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

// The chunked transfer coding (RFC 9112, 7.1).
namespace gw::http {

// Decodes one chunked body as its bytes come, cut anywhere. Strict: CRLF only, at most eight
// digits a size, nothing between size and extension. Extensions and trailers are checked, bounded
// and dropped. How large the payload gets is for the caller to bound. After an error the decoder,
// like the connection, is of no more use.
class ChunkedDecoder {
public:
    // What extensions and trailers of one body may take together.
    static constexpr std::size_t dropped_bytes_max = 8192;

    struct Run {
        std::string_view payload;  // A view into the bytes; empty when they held only framing.
        std::size_t consumed = 0;
    };

    // Consumes `bytes` up to the end of one run of payload, the end of the body or their own end,
    // whichever comes first. To stream, call it until they are used up or is_done().
    Result<Run> next(std::string_view bytes);

    struct Fed {
        std::size_t payload = 0;   // So many bytes of payload now stand at the front.
        std::size_t consumed = 0;  // What follows belongs to the next message, unmoved.
    };

    // The same for all of `bytes`, in place.
    Result<Fed> feed(std::span<char> bytes);

    // The whole body was consumed. Further calls consume nothing.
    bool is_done() const { return state_ == State::done; }

private:
    enum class State : std::uint8_t {
        size,
        extension,
        size_lf,
        payload,
        payload_cr,
        payload_lf,
        trailer_begin,
        trailer_name,
        trailer_value,
        trailer_lf,
        last_lf,
        done,
        malformed,
        too_large,
    };

    State step(char byte);
    State in_size(char byte);
    State in_trailer(char byte) const;
    State drop(State state);

    State state_ = State::size;
    std::uint8_t digits_ = 0;       // Of the size, so far.
    std::uint32_t chunk_left_ = 0;  // The size while it is read, then the payload still to come.
    std::size_t dropped_ = 0;
};

// A chunk that is `payload`, which must not be empty: an empty chunk ends the body.
void append_chunk(Buffer& out, std::string_view payload);

// What ends the body.
void append_last_chunk(Buffer& out);

// A chunk whose payload is appended between the two calls; begin_chunk() returns what end_chunk()
// takes. The size has a fixed width so that it can be filled in. Nothing appended is no chunk.
std::size_t begin_chunk(Buffer& out);
void end_chunk(Buffer& out, std::size_t begun);

}  // namespace gw::http
