#pragma once

#include "base/clock.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

namespace gw::telemetry {

// How much a line matters, the least first.
enum class Level : std::uint8_t { debug, info, warning, error };

// One JSON object a line; or text for people.
enum class Format : std::uint8_t { json, text };

// The name of an event or a field: words of the program's own, which need no escapes and are short
// enough for any line. Nothing that came from outside can be one.
class Name {
public:
    template <std::size_t Size>
    consteval Name(const char (&text)[Size])  // NOLINT(*-explicit-*,*-c-arrays): as a literal.
        : text_(text, Size - 1) {
        if (Size - 1 > 24) throw "too long";
        for (const char c : text_)
            if (c != ' ' && c != '_' && (c < 'a' || c > 'z')) throw "not a word";
    }

    std::string_view text() const { return text_; }

private:
    std::string_view text_;
};

// One member of a log line: a text or a number.
struct Field {
    Field(Name named, std::string_view text) : name(named), value(text) {}

    Field(Name named, std::int64_t count) : name(named), number(count), is_number(true) {}

    Name name;
    std::string_view value;
    std::int64_t number = 0;
    bool is_number = false;
};

// Makes log lines in a place of its own, one after the other, without allocating.
class Line {
public:
    static constexpr std::size_t bytes_max = 8 * 1024;
    static constexpr std::size_t fields_max = 8;

    // The line with its end: time (RFC 3339, UTC), level, event, and the fields, of which there are
    // at most fields_max. It has at most bytes_max bytes, which the fields share: a value that
    // takes more than its part is cut and ends in "...". Whatever the values hold, it is one line,
    // and in JSON a valid one. It lasts until the next one.
    std::string_view make(
        Format format, WallTime when, Level level, Name event, std::initializer_list<Field> fields
    );

private:
    void set_time(WallTime when);
    void append(std::string_view text);
    void append_quoted(std::string_view text, std::size_t until);
    void append_value(const Field& field, std::size_t until);

    std::array<char, bytes_max> bytes_;
    std::size_t size_ = 0;

    // Most lines are of the same second as the one before.
    std::chrono::sys_seconds second_{std::chrono::seconds(-1)};
    std::array<char, 24> time_{};  // "2025-11-25T08:09:07.005Z".
};

}  // namespace gw::telemetry
