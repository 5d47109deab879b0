// However a stream is cut, its events are the same; an event that is written is read.
#include "http/sse.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace gw::http {
namespace {

std::string parse(std::string_view text, std::size_t piece) {
    EventParser parser(200);
    Event event;
    std::string events;
    for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
        parser.feed(text.substr(0, piece));
        for (;;) {
            const auto has_event = parser.next(event);
            if (!has_event) return events + to_string(has_event.error());
            if (!*has_event) break;
            events += event.has_id ? "id " + event.id : "no id";
            events += " event " + event.event;
            events += event.retry_ms ? " retry " + std::to_string(*event.retry_ms) : " no retry";
            events += event.has_data ? " data " : " no data ";
            events += std::string(event.data.view()) + "\n";
        }
    }
    return events;
}

void require(bool condition) {
    if (!condition) std::abort();
}

void check_round_trip(std::string data) {
    std::erase_if(data, [](char c) { return c == '\r' || c == '\n'; });
    Buffer out;
    append_event(out, "id-1", data);
    EventParser parser(data.size() + 100);
    parser.feed(out.view());
    Event event;
    require(parser.next(event).value());
    require(event.has_id && event.id == "id-1" && event.event == "message");
    require(event.has_data && event.data.view() == data);
    require(!parser.next(event).value());
}

}  // namespace
}  // namespace gw::http

// The first byte says how to cut the others.
// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer calls it so.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t piece = bytes[0] % 32U + 1U;
    const std::string_view text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
    const auto whole = gw::http::parse(text, size);
    gw::http::require(gw::http::parse(text, piece) == whole);
    gw::http::require(gw::http::parse(text, 1) == whole);
    gw::http::check_round_trip(std::string(text));
    return 0;
}
