#pragma once

#include "base/error.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// JSON as it was written, for the few places that read it outside the way of a call. What the parts
// contain is checked and passed on as bytes, so numbers keep their digits.
namespace gw::json {

constexpr std::size_t members_max = 1024;

struct Member {
    std::string name;        // What the name spells, without escapes.
    std::string_view value;  // The bytes as they stand there.
};

// One JSON object: the names of its members, and their values as bytes. Its views point into the
// text it was parsed from.
class Object {
public:
    // Checks all of `text`. Fails with Errc::malformed when it is not JSON to the letter, and with
    // Errc::invalid_request when it is no object, has over members_max members, or has one name
    // twice in any spelling: two readers could take such a text for two different things. What
    // stands deeper may have names twice.
    static Result<Object> parse(std::string_view text);

    // The bytes of the member's value; empty when there is none.
    std::string_view operator[](std::string_view name) const;

    // The member as a string, or Errc::invalid_params. The text names the member, so it can go to
    // the client as it is.
    Result<std::string> string(std::string_view name) const;

    // The bytes of a member that is an object; "{}" when absent, because MCP lets callers omit it.
    Result<std::string_view> object(std::string_view name) const;

    // All of them, as they were written one after the other.
    const std::vector<Member>& members() const { return members_; }

private:
    std::vector<Member> members_;
};

// The bytes of each element of the array `text`, all of which is checked. Errc::malformed when it
// is not JSON, Errc::invalid_request when it is no array or has over `count_max` elements.
Result<std::vector<std::string_view>> elements(std::string_view text, std::size_t count_max);

// The text that the JSON string `value` spells; `value` must have been checked before. An escaped
// surrogate that stands alone is no character, and becomes U+FFFD.
std::string unquoted(std::string_view value);

// Whether no escaped surrogate stands alone in `text`, which must have been checked before. Readers
// do not agree on what such a thing spells, so nothing that decides may have one.
bool is_unicode(std::string_view text);

// The same value with the escape of U+FFFD for each surrogate that stands alone. `text` must have
// been checked before.
std::string as_unicode(std::string text);

// Whether the JSON string `value`, which must have been checked before, spells `text`.
bool spells(std::string_view value, std::string_view text);

// `text` as a JSON string. Bytes that are not UTF-8 become U+FFFD, so that the outcome is always
// valid.
std::string quoted(std::string_view text);

// The same value on one line. `text` must have been checked before: then a CR or LF in it stands
// outside strings and between tokens that need nothing between them.
std::string without_line_breaks(std::string_view text);

// The member of `object` whose value is `value`, with the comma that goes when the member does.
// `object` must have been checked before, and `value` be a view into it.
std::string_view whole_member(std::string_view object, std::string_view value);

// The value of a number that is written as an integer and fits; nothing for any other value.
std::optional<std::int64_t> integer(std::string_view value);

}  // namespace gw::json
