#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "http/fields.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

// The heads of HTTP/1.1 messages (RFC 9112), without I/O. Strict: what two readers could frame in
// two ways is refused, not repaired.
namespace gw::http {

// NOLINTNEXTLINE(readability-identifier-naming): `delete` is a keyword.
enum class Method : std::uint8_t { get, post, delete_, options, head, put, patch, other };

struct Header {
    Span name;
    Span value;  // Without the white space around it; it may be empty.
};

// How the end of the body is found.
enum class BodyKind : std::uint8_t { none, sized, chunked, until_close };

struct HeadLimits {
    static constexpr std::size_t headers_cap = 100;

    std::size_t bytes_max = 32768;  // Request line, headers and the empty line.
    std::size_t headers_max = 64;   // At most headers_cap.
};

namespace impl {
class HeadParser;
}

// A parsed head: offsets into the text that it was parsed from, and what they say. It holds its
// headers in place and is meant to be reused; what is in it counts after a successful parse only.
class Head {
public:
    // Declared, so that a new one does not clear its 1.6 KiB.
    Head() {}  // NOLINT(modernize-use-equals-default)

    Method method() const { return method_; }

    std::string_view method_text(std::string_view text) const { return method_text_.of(text); }

    // The value of the field's first header; empty when there is none.
    std::string_view value(Field field, std::string_view text) const {
        const auto slot = slots_[static_cast<std::size_t>(field)];
        return slot == 0 ? std::string_view() : headers_[slot - 1U].value.of(text);
    }

    bool has(Field field) const { return slots_[static_cast<std::size_t>(field)] != 0; }

    std::span<const Header> headers() const { return {headers_.data(), count_}; }

    Span target;                    // Of a request, as it stands; see parse_target().
    int status = 0;                 // Of a response.
    bool is_http11 = true;          // Else HTTP/1.0.
    bool keeps_alive = true;        // The connection can carry another message after this one.
    bool expects_continue = false;  // The client sends its body after a 100 (Continue).
    BodyKind body = BodyKind::none;
    std::uint64_t content_length = 0;  // For BodyKind::sized.

private:
    friend class impl::HeadParser;

    Method method_ = Method::other;
    Span method_text_;
    std::uint8_t count_ = 0;
    std::array<std::uint8_t, field_count> slots_{};  // Index of the header plus one; 0 is absent.

    union {
        std::array<Header, HeadLimits::headers_cap> headers_;  // The first count_ are alive.
    };
};

// The size of the request head that `text` begins with, or 0 when its end has not come yet. Each
// header that decides something stands once; the body of an accepted head is framed in one way.
// Fails with malformed, or with payload_too_large naming the limit, as soon as that is certain.
Result<std::size_t> parse_request(std::string_view text, const HeadLimits& limits, Head& head);

// The same for a response; the method of its request decides whether there is a body. An
// informational response (1xx) is a head of its own without body: the final one follows.
Result<std::size_t> parse_response(
    std::string_view text, Method request_method, const HeadLimits& limits, Head& head
);

}  // namespace gw::http
