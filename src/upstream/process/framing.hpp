#pragma once

#include "base/buffer.hpp"
#include "base/error.hpp"

#include <cstddef>
#include <optional>
#include <span>

// Messages as lines. MCP, basic/transports, stdio: "Messages are delimited by newlines, and MUST
// NOT contain embedded newlines."
namespace gw::upstream {

// Cuts a stream into lines as its bytes come. Once next() has failed, neither the reader nor the
// stream can be used any more.
class LineReader {
public:
    // `line_bytes_max`: of one line, its end not counted.
    explicit LineReader(std::size_t line_bytes_max) : max_(line_bytes_max) {}

    // Room for at least `wanted` bytes more, to be written to and then committed. It may move with
    // any other call.
    std::span<char> prepare(std::size_t wanted) { return bytes_.prepare(wanted); }

    // The first `count` bytes of that room have come.
    void commit(std::size_t count) { bytes_.commit(count); }

    // The next whole line without its LF or CRLF, in a buffer of its own; nothing when it has not
    // all come. Empty lines are skipped. Errc::payload_too_large as soon as a line, whole or not,
    // is longer than line_bytes_max.
    Result<std::optional<Buffer>> next();

    // Bytes of a line that is not whole yet; valid once next() has returned nothing.
    std::size_t unfinished() const { return bytes_.size() - begin_; }

    // All bytes that next() has not returned; it begins anew behind them.
    Buffer take_rest();

private:
    Buffer take(std::size_t line_size, std::size_t end_size);

    std::size_t max_;
    Buffer bytes_;
    std::size_t begin_ = 0;     // Where the next line begins.
    std::size_t searched_ = 0;  // So many of its bytes are no LF.
};

// Removes every CR and LF from `message`. It must be JSON that was checked, where they stand
// between tokens only. So a server reads one message, whatever a client wrote into it.
void make_one_line(Buffer& message);

}  // namespace gw::upstream
