#pragma once

#include "base/buffer.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace gw {

// A part of a buffer, by offsets, so that it survives the buffer's growth. Size 0 means absent.
struct Span {
    std::uint32_t begin = 0;
    std::uint32_t size = 0;

    std::string_view of(std::string_view buffer) const { return buffer.substr(begin, size); }

    explicit operator bool() const { return size != 0; }

    auto operator<=>(const Span&) const = default;
};

// Where `part` lies in `buffer`; it must be a view into it, or empty.
inline Span span_of(std::string_view part, std::string_view buffer) {
    if (part.empty()) return {};
    return {
        static_cast<std::uint32_t>(part.data() - buffer.data()),
        static_cast<std::uint32_t>(part.size())
    };
}

// Bytes that own the larger message they came in, or share text that many hold. They are moved
// along, never copied on the way from one socket to another.
class Slice {
public:
    Slice() = default;

    // NOLINTNEXTLINE(google-explicit-constructor): a text is a slice of itself.
    Slice(std::string text) : Slice(std::make_shared<const std::string>(std::move(text))) {}

    // `part` must be a view into `buffer`, whose bytes stay where they are when it moves.
    Slice(Buffer buffer, std::string_view part) : message_(std::move(buffer)), part_(part) {}

    explicit Slice(std::shared_ptr<const std::string> text) : text_(std::move(text)) {
        part_ = *text_;
    }

    Slice(Slice&& other) noexcept
        : message_(std::move(other.message_)),
          text_(std::move(other.text_)),
          part_(std::exchange(other.part_, {})) {}

    Slice& operator=(Slice&& other) noexcept {
        message_ = std::move(other.message_);
        text_ = std::move(other.text_);
        part_ = std::exchange(other.part_, {});
        return *this;
    }

    std::string_view view() const { return part_; }

    bool empty() const { return part_.empty(); }

    // Shrinks to `part`, which must be a view into view().
    void narrow(std::string_view part) { part_ = part; }

    friend bool operator==(const Slice& a, const Slice& b) { return a.part_ == b.part_; }

private:
    // One of the two owns the bytes, or none. Not a variant: a call moves its answer from hand to
    // hand, and that has to cost a few instructions only.
    Buffer message_;
    std::shared_ptr<const std::string> text_;
    std::string_view part_;
};

}  // namespace gw
