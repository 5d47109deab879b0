#pragma once

#include "base/buffer.hpp"
#include "base/clock.hpp"

#include <cstddef>
#include <string_view>

namespace gw::web {

// What every response begins with: its status, and Date (RFC 9110, 6.6.1). One for a shard: it is
// written anew once a second.
class ReplyStart {
public:
    // Before it is used: `now` is the shard's time.
    void turn(TimePoint now, const Clock& clock) {
        if (now >= valid_until_) write(now, clock.wall());
    }

    // "HTTP/1.1 200 OK" and the date, each with its CRLF; and what most responses go on with, that
    // the content is JSON.
    std::string_view ok() const { return lines_.view().substr(0, ok_size); }

    std::string_view ok_with_json() const { return lines_.view(); }

    // The date alone.
    std::string_view date() const { return ok().substr(status_line.size()); }

    static constexpr std::string_view json_type = "application/json";

private:
    static constexpr std::string_view status_line = "HTTP/1.1 200 OK\r\n";
    static constexpr std::size_t ok_size =
        status_line.size() + std::string_view("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n").size();

    void write(TimePoint now, WallTime wall);

    TimePoint valid_until_ = TimePoint::min();
    Buffer lines_;
};

}  // namespace gw::web
