#include "web/reply_start.hpp"

#include "http/text.hpp"

#include <chrono>

namespace gw::web {

void ReplyStart::write(TimePoint now, WallTime wall) {
    const auto second = std::chrono::floor<std::chrono::seconds>(wall);
    valid_until_ = now + (second + std::chrono::seconds(1) - wall);
    lines_.truncate(0);
    lines_.append(status_line).append("Date: ");
    http::append_date(lines_, second);
    lines_.append("\r\nContent-Type: ").append(json_type).append("\r\n");
}

}  // namespace gw::web
