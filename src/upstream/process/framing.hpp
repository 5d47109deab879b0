#pragma once

#include "base/buffer.hpp"
#include "base/error.hpp"

#include <cstddef>
#include <optional>
#include <span>

// Messages as lines. MCP, basic/transports, stdio: "Messages are delimited by newlines, and MUST
// NOT contain embedded newlines."
namespace gw::upstream {

// Cuts a stream into lines as its bytes come. After an error it, like the stream, is of no more
// use.
class LineReader {
public:
    explicit LineReader(std::size_t line_bytes_max) : max_(line_bytes_max) {}

    // Room for at least `wanted` bytes more, to be written to and then committed.
    std::span<char> prepare(std::size_t wanted) { return bytes_.prepare(wanted); }

    void commit(std::size_t count) { bytes_.commit(count); }

    // The next whole line without its LF or CRLF, in a buffer of its own; nothing when the bytes
    // end before. Empty lines are skipped. Errc::payload_too_large when the line is too long, as
    // soon as that is seen.
    Result<std::optional<Buffer>> next();

    // How much there is of a line that is not whole yet, once next() gave nothing.
    std::size_t unfinished() const { return bytes_.size() - begin_; }

    // What has come and was not given out.
    Buffer take_rest();

private:
    Buffer take(std::size_t line_size, std::size_t end_size);

    std::size_t max_;
    Buffer bytes_;
    std::size_t begin_ = 0;     // Where the next line begins.
    std::size_t searched_ = 0;  // So many of its bytes are no LF.
};

// Takes CR and LF out of `message`, which must be checked JSON: there they stand between tokens
// only. Whatever a client wrote into it, the server then reads one message.
void make_one_line(Buffer& message);

}  // namespace gw::upstream
