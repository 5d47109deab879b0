#pragma once

#include "base/buffer.hpp"
#include "base/error.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Event streams (WHATWG HTML, "Server-sent events", 9.2).
namespace gw::http {

// One event. A block without data is reported too when it has an id or a retry time, because
// resuming needs them; browsers would drop it.
struct Event {
    std::string id;  // Counts when has_id; empty resets the last id.
    bool has_id = false;
    std::string event;  // The type; empty means "message".
    bool has_data = false;
    Buffer data;  // Lines joined by LF. Move it out to keep it.
    std::optional<std::uint32_t> retry_ms;
};

// Parses a stream as its bytes come, cut anywhere. Data is copied once, into the buffer that the
// event hands over. After an error the parser, like the stream, is of no more use.
class EventParser {
public:
    // What the fields of one event may take together; beyond it next() fails with
    // payload_too_large.
    explicit EventParser(std::size_t event_bytes_max) : bytes_max_(event_bytes_max) {}

    // Hands over the stream's next bytes. They stay valid until next() returns false, and there
    // are no others until then.
    void feed(std::string_view bytes);

    // Moves on to the end of the next event and fills `event` with it; false when the bytes are
    // used up before. An event that the end of the stream cuts off is never reported.
    Result<bool> next(Event& event);

    // Bytes of an event that has not ended yet.
    std::size_t unfinished() const { return event_bytes_; }

private:
    enum class State : std::uint8_t { stream_begin, line_begin, name, value_begin, value };
    enum class Target : std::uint8_t { none, data, event, id, retry };

    static Target target_of(std::string_view name);
    void skip_byte_order_mark();
    bool ends_event();
    Result<bool> read_name();
    void skip_space();
    Result<bool> read_value();
    Result<bool> append(std::string_view bytes);
    void end_value();
    void take_line_end();
    void report(Event& event);
    void begin_event();

    std::size_t bytes_max_;
    std::string_view rest_;
    State state_ = State::stream_begin;
    Target target_ = Target::none;  // Where the value of this line goes.
    bool is_after_cr_ = false;      // A LF would belong to the same line end.
    std::size_t event_bytes_ = 0;
    std::string name_;   // Of this line's field; longer ones than we know are cut.
    std::string value_;  // Of this line, unless it is data.
    Event event_;
};

// "event: message", the id, and the data, which must hold no line end. An empty id is left out.
void append_event(Buffer& out, std::string_view id, std::string_view data);

// An event of no data, which gives a client the id to resume from and the time to wait before.
void append_priming(Buffer& out, std::string_view id, std::uint32_t retry_ms);

// What keeps an idle stream alive: no client sees it.
void append_comment(Buffer& out);

}  // namespace gw::http
