#include "upstream/process/framing.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace gw::upstream {

Result<std::optional<Buffer>> LineReader::next() {
    for (;;) {
        const auto rest = bytes_.view().substr(begin_);
        const auto end = rest.find('\n', searched_);
        const bool is_whole = end != std::string_view::npos;
        const auto line = rest.substr(0, end);
        const auto size = line.size() - (line.ends_with('\r') ? 1 : 0);
        if (size > max_) return fail(Errc::payload_too_large, "a line is over the limit");
        if (!is_whole) {
            searched_ = rest.size();
            bytes_.consume(std::exchange(begin_, 0));
            if (bytes_.empty()) bytes_.release();
            return std::nullopt;
        }
        searched_ = 0;
        if (size > 0) return take(size, end + 1);
        begin_ += end + 1;
    }
}

// Whatever is smaller is copied: the line, or what stands behind it.
Buffer LineReader::take(std::size_t line_size, std::size_t end_size) {
    const auto rest = bytes_.view().substr(begin_);
    const auto behind = rest.substr(end_size);
    Buffer other;
    if (behind.size() > line_size) {
        other.append(rest.substr(0, line_size));
        begin_ += end_size;
        return other;
    }
    other.append(behind);
    bytes_.consume(std::exchange(begin_, 0));
    bytes_.truncate(line_size);
    return std::exchange(bytes_, std::move(other));
}

Buffer LineReader::take_rest() {
    bytes_.consume(std::exchange(begin_, 0));
    searched_ = 0;
    return std::exchange(bytes_, Buffer());
}

void make_one_line(Buffer& message) {
    const auto text = message.view();
    const auto first = std::min(text.find('\n'), text.find('\r'));
    if (first == std::string_view::npos) return;
    auto* begin = message.data();
    const auto* end = std::remove_if(begin + first, begin + message.size(), [](char c) {
        return c == '\n' || c == '\r';
    });
    message.truncate(static_cast<std::size_t>(end - begin));
}

}  // namespace gw::upstream
