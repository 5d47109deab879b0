#pragma once

#include "base/error.hpp"
#include "base/json_depth.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace gw::json {

namespace impl {

// Results go by value: a member whose address is taken keeps its whole object out of registers.
struct Passed {
    const char* end;  // Behind what was passed; null when it is broken.
    bool is_notable;
};

// What stands deeper than depth_quick.
struct Deep {
    const char* end;  // Behind it; null when it is broken, or deeper than depth_most.
    bool has_line_breaks;
    int depth;  // Of all, with the depth_quick above; 0 when it is broken.
};

// The array or object that begins at `at`, in depth_quick others.
Deep pass_deep(const char* at, const char* end);

// A run of white space that begins at `at`; notable when a CR or LF is in it.
Passed pass_space(const char* at, const char* end);

// The rest of a string, its quote included; notable when it holds an escape or a byte beyond ASCII.
Passed pass_string(const char* at, const char* end);

#ifdef __SSE2__
// A bit for each of the 16 bytes from `at` that ends a run of plain ones: quote, backslash, control
// characters, and what is beyond ASCII, because the comparison is signed.
inline unsigned special_bytes(const char* at) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i found = _mm_or_si128(
        _mm_cmplt_epi8(bytes, _mm_set1_epi8(' ')),
        _mm_or_si128(
            _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))
        )
    );
    return static_cast<unsigned>(_mm_movemask_epi8(found));
}
#endif

}  // namespace impl

// Walks JSON text by RFC 8259 to the letter: UTF-8, no byte order mark, numbers of any length. An
// escaped surrogate may stand alone, as the grammar allows. It neither recurses nor allocates.
//
// Each step passes over one thing and the white space before it. A step that does not find what it
// is for returns false or nothing, and after that the position means nothing; only take(), leave()
// and at_end() may fail and be followed by another step. The text must outlive the scanner.
class Scanner {
public:
    // What is deeper than `depth_max`, of depth_quick to depth_most, is passed over all the same,
    // up to depth_most; is_too_deep() tells then. So a reader can say of what it cannot take.
    explicit Scanner(std::string_view text, int depth_max = depth_most)
        : begin_(text.data()),
          at_(begin_),
          end_(begin_ + text.size()),
          depth_max_(depth_max < depth_quick ? depth_quick : depth_max) {}

    // Any value: its bytes.
    std::string_view value() {
        skip_space();
        const char* start = at_;
        const bool passed = peek() == '"' ? pass_string() : pass_value();
        return passed ? std::string_view(start, at_) : std::string_view();
    }

    // A member's name and the colon behind it: the bytes of the name, in its quotes.
    [[gnu::always_inline]] std::string_view name() {
        // Nearly every name is short and plain, and its colon follows at once.
        if (const auto size = short_string_size(); size != 0 && at_[size] == ':') {
            const std::string_view name(at_, size);
            is_plain_ = true;
            at_ += size + 1;
            return name;
        }
        skip_space();
        const char* start = at_;
        if (!pass_string()) return {};
        const std::string_view name(start, at_);
        return take(':') ? name : std::string_view();
    }

    bool take(char expected) {
        skip_space();
        if (peek() != expected) return false;
        ++at_;
        return true;
    }

    // Into an array or object, by its '[' or '{', for a caller that walks the contents itself; out
    // again by its ']' or '}'.
    bool enter(char bracket) { return take(bracket) && descend(bracket == '{'); }

    bool leave(char bracket) {
        if (!take(bracket)) return false;
        ascend();
        return true;
    }

    // Whether only white space is left.
    bool at_end() {
        skip_space();
        return at_ == end_;
    }

    void skip_space() {
        if (at_ == end_ || static_cast<unsigned char>(*at_) > ' ') return;
        if (*at_ == ' ') ++at_;  // One is what most writers put, if any.
        if (at_ == end_ || static_cast<unsigned char>(*at_) > ' ') return;
        const auto space = impl::pass_space(at_, end_);
        at_ = space.end;
        has_line_breaks_ |= space.is_notable;
    }

    // The byte that comes next; NUL, with which nothing begins, at the end.
    char peek() const { return at_ == end_ ? '\0' : *at_; }

    // How many bytes have been passed.
    std::size_t position() const { return static_cast<std::size_t>(at_ - begin_); }

    // Whether the last string or name was nothing but ASCII without escapes: it reads as it stands.
    bool is_plain() const { return is_plain_; }

    // Whether a CR or LF was passed. They can only stand between the tokens.
    bool has_line_breaks() const { return has_line_breaks_; }

    // Whether something was passed that is deeper than it may be; or the last step failed because
    // of depth_most and nothing else.
    bool is_too_deep() const { return depth_found_ > depth_max_; }

    // How deep what was passed is, where that is over depth_quick; over depth_most: deeper.
    int depth_found() const { return depth_found_; }

    // What to answer after a step that failed; the text is for the sender.
    std::unexpected<Error> failure() const;

private:
    bool pass_value();
    bool pass_nested();
    bool pass_deeper();
    bool pass_number();
    bool pass_digits();
    bool pass_literal(std::string_view word);

    // The bytes, with both quotes, of a plain string that comes next and has at most 16 between
    // them; 0 when that is not so, or the text ends soon. At least one byte follows the string.
    std::size_t short_string_size() const {
#ifdef __SSE2__
        if (end_ - at_ < 19 || *at_ != '"') return 0;
        const auto plain = std::countr_zero(impl::special_bytes(at_ + 1) | 0x10000U);
        return at_[plain + 1] == '"' ? static_cast<std::size_t>(plain) + 2 : 0;
#else
        return 0;
#endif
    }

    bool pass_string() {
        is_plain_ = true;
        if (const auto size = short_string_size(); size != 0) {
            at_ += size;
            return true;
        }
        if (peek() != '"') return false;
        const auto string = impl::pass_string(at_ + 1, end_);
        if (string.end == nullptr) return false;
        at_ = string.end;
        is_plain_ = !string.is_notable;
        return true;
    }

    bool descend(bool is_object) {
        if (depth_ == depth_quick) {
            depth_found_ = depth_most + 1;  // Nobody walks that deep by himself.
            return false;
        }
        is_object_ = is_object_ << 1U | static_cast<std::uint64_t>(is_object);
        ++depth_;
        return true;
    }

    void ascend() {
        is_object_ >>= 1U;
        --depth_;
    }

    const char* begin_;
    const char* at_;
    const char* end_;
    std::uint64_t is_object_ = 0;  // A bit for each level we are in; the lowest is the innermost.
    int depth_ = 0;
    int depth_max_;
    int depth_found_ = 0;  // Over depth_quick only.
    bool is_plain_ = false;
    bool has_line_breaks_ = false;
};

// Whether `text` is one JSON value and nothing else.
bool is_valid(std::string_view text);

}  // namespace gw::json
