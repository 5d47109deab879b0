#include "http/chunked.hpp"

#include "http/impl/tokens.hpp"
#include "http/text.hpp"

#include <algorithm>
#include <cstring>

namespace gw::http {

namespace {

constexpr std::size_t size_digits = 8;
constexpr std::string_view size_room = "00000000\r\n";
constexpr std::string_view crlf = "\r\n";

bool is_text_byte(char byte) {
    return byte == '\t' || (static_cast<unsigned char>(byte) >= 0x20 && byte != 0x7f);
}

}  // namespace

Result<ChunkedDecoder::Run> ChunkedDecoder::next(std::string_view bytes) {
    std::size_t at = 0;
    while (at < bytes.size() && !is_done()) {
        if (state_ == State::payload) {
            const auto size = std::min<std::size_t>(chunk_left_, bytes.size() - at);
            chunk_left_ -= static_cast<std::uint32_t>(size);
            if (chunk_left_ == 0) state_ = State::payload_cr;
            return Run{.payload = bytes.substr(at, size), .consumed = at + size};
        }
        state_ = step(bytes[at++]);
        if (state_ == State::malformed) return fail(Errc::malformed, "malformed chunked body");
        if (state_ == State::too_large) {
            return fail(
                Errc::payload_too_large, "more than 8 KiB of chunk extensions and trailers"
            );
        }
    }
    return Run{.payload = {}, .consumed = at};
}

Result<ChunkedDecoder::Fed> ChunkedDecoder::feed(std::span<char> bytes) {
    Fed fed;
    while (fed.consumed < bytes.size() && !is_done()) {
        const auto rest = bytes.subspan(fed.consumed);
        GW_TRY(const auto run, next({rest.data(), rest.size()}));
        if (!run.payload.empty()) {
            std::memmove(bytes.data() + fed.payload, run.payload.data(), run.payload.size());
        }
        fed.payload += run.payload.size();
        fed.consumed += run.consumed;
    }
    return fed;
}

// One byte of framing.
ChunkedDecoder::State ChunkedDecoder::step(char byte) {
    switch (state_) {
        case State::size: return in_size(byte);
        case State::extension:
            if (byte == '\r') return State::size_lf;
            return is_text_byte(byte) ? drop(State::extension) : State::malformed;
        case State::size_lf:
            if (byte != '\n') return State::malformed;
            digits_ = 0;
            return chunk_left_ == 0 ? State::trailer_begin : State::payload;
        case State::payload_cr: return byte == '\r' ? State::payload_lf : State::malformed;
        case State::payload_lf: return byte == '\n' ? State::size : State::malformed;
        case State::last_lf: return byte == '\n' ? State::done : State::malformed;
        default: return drop(in_trailer(byte));
    }
}

// RFC 9112, 7.1: chunk-size = 1*HEXDIG, chunk-ext = *( BWS ";" ... ). We take no white space here.
ChunkedDecoder::State ChunkedDecoder::in_size(char byte) {
    if (const int value = impl::hex_value(byte); value >= 0) {
        if (digits_ == size_digits) return State::malformed;
        ++digits_;
        chunk_left_ = chunk_left_ * 16 + static_cast<std::uint32_t>(value);
        return State::size;
    }
    if (digits_ == 0) return State::malformed;
    if (byte == '\r') return State::size_lf;
    return byte == ';' ? State::extension : State::malformed;
}

// RFC 9112, 7.1.2: trailer-section = *( field-line CRLF )
ChunkedDecoder::State ChunkedDecoder::in_trailer(char byte) const {
    switch (state_) {
        case State::trailer_begin:
            if (byte == '\r') return State::last_lf;
            return impl::is_token_byte(byte) ? State::trailer_name : State::malformed;
        case State::trailer_name:
            if (byte == ':') return State::trailer_value;
            return impl::is_token_byte(byte) ? State::trailer_name : State::malformed;
        case State::trailer_value:
            if (byte == '\r') return State::trailer_lf;
            return is_text_byte(byte) ? State::trailer_value : State::malformed;
        case State::trailer_lf: return byte == '\n' ? State::trailer_begin : State::malformed;
        default: return state_;  // An error stays one.
    }
}

// Counts a byte that nobody will see, on the way to `state`.
ChunkedDecoder::State ChunkedDecoder::drop(State state) {
    if (state == State::malformed || state == State::last_lf) return state;
    return ++dropped_ > dropped_bytes_max ? State::too_large : state;
}

void append_chunk(Buffer& out, std::string_view payload) {
    GW_ASSERT(!payload.empty());
    append_hex(out, payload.size());
    out.append(crlf).append(payload).append(crlf);
}

void append_last_chunk(Buffer& out) {
    out.append("0\r\n\r\n");
}

std::size_t begin_chunk(Buffer& out) {
    const auto begun = out.size();
    out.append(size_room);
    return begun;
}

void end_chunk(Buffer& out, std::size_t begun) {
    auto size = out.size() - begun - size_room.size();
    if (size == 0) return out.truncate(begun);
    GW_ASSERT(size <= UINT32_MAX);
    for (auto digit = size_digits; size > 0; size /= 16)
        out.data()[begun + --digit] = "0123456789abcdef"[size % 16];
    out.append(crlf);
}

}  // namespace gw::http
