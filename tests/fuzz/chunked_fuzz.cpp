// However a chunked body is cut, the payload is the same; what is encoded is decoded.
#include "http/chunked.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace gw::http {
namespace {

// Payload, state at the end and bytes consumed, in one text.
std::string decode(std::string_view text, std::size_t piece) {
    ChunkedDecoder decoder;
    std::string payload;
    std::size_t consumed = 0;
    while (consumed < text.size() && !decoder.is_done()) {
        std::string bytes(text.substr(consumed, piece));
        const auto fed = decoder.feed(bytes);
        if (!fed) return to_string(fed.error());
        payload.append(bytes, 0, fed->payload);
        consumed += fed->consumed;
    }
    return payload + (decoder.is_done() ? " done " : " open ") + std::to_string(consumed);
}

void require(bool condition) {
    if (!condition) std::abort();
}

void check_round_trip(std::string_view payload, std::size_t piece) {
    Buffer out;
    bool is_direct = true;
    for (auto rest = payload; !rest.empty(); rest.remove_prefix(std::min(piece, rest.size()))) {
        if (is_direct) {
            append_chunk(out, rest.substr(0, piece));
        } else {
            const auto begun = begin_chunk(out);
            out.append(rest.substr(0, piece));
            end_chunk(out, begun);
        }
        is_direct = !is_direct;
    }
    append_last_chunk(out);
    const auto expected = std::string(payload) + " done " + std::to_string(out.size());
    require(decode(out.view(), out.size()) == expected);
}

}  // namespace
}  // namespace gw::http

// The first byte says how to cut the others.
// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer calls it so.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t piece = bytes[0] % 32U + 1U;
    const std::string_view text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
    const auto whole = gw::http::decode(text, size);
    gw::http::require(gw::http::decode(text, piece) == whole);
    gw::http::require(gw::http::decode(text, 1) == whole);
    gw::http::check_round_trip(text, piece);
    return 0;
}
