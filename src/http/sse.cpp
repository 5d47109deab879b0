#include "http/sse.hpp"

#include "http/impl/scan.hpp"
#include "http/text.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace gw::http {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::size_t name_size_max = 5;

// The part of `text` before its first line end.
std::string_view first_line(std::string_view text) {
    const auto* const end = impl::find<impl::LineEnd>(text.data(), text.data() + text.size());
    return text.substr(0, static_cast<std::size_t>(end - text.data()));
}

bool is_one_line(std::string_view text) {
    return first_line(text).size() == text.size();
}

// Nothing when `text` is not digits only, or too many of them: such a line is ignored.
std::optional<std::uint32_t> parse_milliseconds(std::string_view text) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

}  // namespace

void EventParser::feed(std::string_view bytes) {
    GW_ASSERT(rest_.empty());
    rest_ = bytes;
}

Result<bool> EventParser::next(Event& event) {
    while (!rest_.empty()) {
        switch (state_) {
            case State::stream_begin: skip_byte_order_mark(); break;
            case State::line_begin:
                if (!ends_event()) break;
                report(event);
                return true;
            case State::name: {
                GW_TRY(std::ignore, read_name());
                break;
            }
            case State::value_begin: skip_space(); break;
            case State::value: {
                GW_TRY(std::ignore, read_value());
                break;
            }
        }
    }
    return false;
}

// One mark is ignored at the very start. What only begins like one begins the name of a field.
void EventParser::skip_byte_order_mark() {
    if (rest_.front() == byte_order_mark[name_.size()]) {
        name_ += rest_.front();
        rest_.remove_prefix(1);
        if (name_.size() == byte_order_mark.size()) state_ = State::line_begin;
        return;
    }
    state_ = name_.empty() ? State::line_begin : State::name;
}

// At the beginning of a line: whether it is empty and ends an event that is worth reporting.
bool EventParser::ends_event() {
    if (std::exchange(is_after_cr_, false) && rest_.front() == '\n') {
        rest_.remove_prefix(1);
        return false;
    }
    if (!impl::LineEnd::holds(static_cast<unsigned char>(rest_.front()))) {
        name_.clear();
        state_ = State::name;
        return false;
    }
    take_line_end();
    if (event_.has_data || event_.has_id || event_.retry_ms) return true;
    begin_event();
    return false;
}

EventParser::Target EventParser::target_of(std::string_view name) {
    if (name == "data") return Target::data;
    if (name == "id") return Target::id;
    if (name == "event") return Target::event;
    if (name == "retry") return Target::retry;
    return Target::none;
}

// Up to the colon, or the whole line: its value is empty then. A comment has an empty name.
Result<bool> EventParser::read_name() {
    const auto part = rest_.substr(0, rest_.find_first_of(":\r\n"));
    const auto room = name_size_max + 1 - std::min(name_.size(), name_size_max + 1);
    name_.append(part.substr(0, room));
    rest_.remove_prefix(part.size());
    if (rest_.empty()) return true;

    state_ = rest_.front() == ':' ? State::value_begin : State::value;
    if (rest_.front() == ':') rest_.remove_prefix(1);
    target_ = target_of(name_);
    value_.clear();
    if (target_ != Target::data || !std::exchange(event_.has_data, true)) return true;
    return append("\n");
}

void EventParser::skip_space() {
    if (rest_.front() == ' ') rest_.remove_prefix(1);
    state_ = State::value;
}

Result<bool> EventParser::read_value() {
    const auto part = first_line(rest_);
    GW_TRY(std::ignore, append(part));
    rest_.remove_prefix(part.size());
    if (rest_.empty()) return true;
    take_line_end();
    end_value();
    state_ = State::line_begin;
    return true;
}

Result<bool> EventParser::append(std::string_view bytes) {
    if (target_ == Target::none) return true;
    if (bytes.size() > bytes_max_ - event_bytes_) {
        return fail(
            Errc::payload_too_large,
            "an event is longer than " + std::to_string(bytes_max_) + " bytes"
        );
    }
    event_bytes_ += bytes.size();
    if (target_ == Target::data) {
        event_.data.append(bytes);
    } else {
        value_.append(bytes);
    }
    return true;
}

void EventParser::end_value() {
    switch (target_) {
        case Target::event: event_.event.swap(value_); break;
        case Target::id:
            if (value_.contains('\0')) break;
            event_.id.swap(value_);
            event_.has_id = true;
            break;
        case Target::retry:
            if (const auto retry = parse_milliseconds(value_)) event_.retry_ms = retry;
            break;
        case Target::none:
        case Target::data: break;
    }
}

void EventParser::take_line_end() {
    is_after_cr_ = rest_.front() == '\r';
    rest_.remove_prefix(1);
}

// Takes the old event in exchange: its strings keep their room.
void EventParser::report(Event& event) {
    std::swap(event, event_);
    begin_event();
}

void EventParser::begin_event() {
    event_.id.clear();
    event_.has_id = false;
    event_.event.clear();
    event_.has_data = false;
    event_.data.release();
    event_.retry_ms.reset();
    event_bytes_ = 0;
}

void append_event(Buffer& out, std::string_view id, std::string_view data) {
    GW_ASSERT(is_one_line(data));
    GW_ASSERT(is_one_line(id) && !id.contains('\0'));
    out.append("event: message\n");
    if (!id.empty()) out.append("id: ").append(id).append("\n");
    out.append("data: ").append(data).append("\n\n");
}

void append_priming(Buffer& out, std::string_view id, std::uint32_t retry_ms) {
    GW_ASSERT(is_one_line(id) && !id.contains('\0'));
    out.append("retry: ");
    append_number(out, retry_ms);
    out.append("\nid: ").append(id).append("\ndata: \n\n");
}

void append_comment(Buffer& out) {
    out.append(":\n\n");
}

}  // namespace gw::http
