// However a stream is cut, its lines are the same, and they are those that a reader of the whole
// text would find; a JSON text on one line means what it meant before.
#include "base/json.hpp"
#include "base/json_scanner.hpp"
#include "upstream/process/framing.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace gw::upstream {
namespace {

constexpr std::size_t line_max = 100;

std::string parse(std::string_view text, std::size_t piece) {
    LineReader lines(line_max);
    std::string all;
    for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
        const auto bytes = text.substr(0, piece);
        std::ranges::copy(bytes, lines.prepare(bytes.size()).begin());
        lines.commit(bytes.size());
        for (auto line = lines.next(); !line || *line; line = lines.next()) {
            if (!line) return all + "<over>";
            all.append((*line)->view()).append("\n");
        }
    }
    return all;
}

std::string expected(std::string_view text) {
    std::string all;
    while (!text.empty()) {
        const auto end = text.find('\n');
        auto line = text.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.size() > line_max) return all + "<over>";
        if (end == std::string_view::npos) break;
        if (!line.empty()) all.append(line).append("\n");
        text.remove_prefix(end + 1);
    }
    return all;
}

void require(bool condition) {
    if (!condition) std::abort();
}

void check_one_line(std::string_view text) {
    if (!json::is_valid(text)) return;
    Buffer message;
    message.append(text);
    make_one_line(message);
    require(json::is_valid(message.view()));
    require(message.view().find_first_of("\r\n") == std::string_view::npos);
    require(message.view() == json::without_line_breaks(text));
}

}  // namespace
}  // namespace gw::upstream

// The first byte says how to cut the others.
// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer calls it so.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t piece = bytes[0] % 32U + 1U;
    const std::string_view text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
    const auto lines = gw::upstream::expected(text);
    gw::upstream::require(gw::upstream::parse(text, size) == lines);
    gw::upstream::require(gw::upstream::parse(text, piece) == lines);
    gw::upstream::require(gw::upstream::parse(text, 1) == lines);
    gw::upstream::check_one_line(text);
    return 0;
}
