#include "base/json_scanner.hpp"

#include "base/unicode.hpp"

#include <algorithm>
#include <bitset>
#include <string>

namespace gw::json {

static_assert(depth_quick <= 64, "is_object_ has a bit for each level");

namespace {

// Neither the end of a string, nor an escape, nor a control character, nor beyond ASCII.
bool is_plain_byte(char c) {
    return static_cast<signed char>(c) >= 0x20 && c != '"' && c != '\\';
}

// The first byte in [at, end) that is not plain; `end` when all are.
const char* skip_plain(const char* at, const char* end) {
#ifdef __SSE2__
    for (; end - at >= 16; at += 16) {
        if (const auto special = impl::special_bytes(at)) return at + std::countr_zero(special);
    }
#endif
    while (at != end && is_plain_byte(*at))
        ++at;
    return at;
}

// escape ( %x22 / %x5C / %x2F / %x62 / %x66 / %x6E / %x72 / %x74 / %x75 4HEXDIG )
const char* escape_end(const char* at, const char* end) {
    if (end - at < 2) return nullptr;
    at += 2;
    switch (at[-1]) {
        case '"':
        case '\\':
        case '/':
        case 'b':
        case 'f':
        case 'n':
        case 'r':
        case 't': return at;
        case 'u': break;
        default: return nullptr;
    }
    std::string_view digits(at, end);
    return take_escaped(digits) ? digits.data() : nullptr;
}

// A run of characters beyond ASCII. Control characters, where plain bytes end too, are no string's.
const char* utf8_end(const char* at, const char* end) {
    const auto is_tail = [](char c) { return static_cast<signed char>(c) < -0x40; };
    if (static_cast<signed char>(*at) >= 0) return nullptr;
    do {
        const auto lead = static_cast<unsigned char>(*at);
        // UTF8-3 where all tails are allowed: most of what is not Latin.
        const bool is_usual = lead > 0xE0 && lead < 0xED && end - at >= 3;
        if (is_usual && is_tail(at[1]) && is_tail(at[2])) {
            at += 3;
            continue;
        }
        const auto size = utf8_size({at, end});
        if (size == 0) return nullptr;
        at += size;
    } while (at != end && static_cast<signed char>(*at) < 0);
    return at;
}

}  // namespace

// ws = *( %x20 / %x09 / %x0A / %x0D )
impl::Passed impl::pass_space(const char* at, const char* end) {
    bool has_line_breaks = false;
    for (; at != end; ++at) {
        if (*at == '\n' || *at == '\r') {
            has_line_breaks = true;
        } else if (*at != ' ' && *at != '\t') {
            break;
        }
    }
    return {.end = at, .is_notable = has_line_breaks};
}

// char = unescaped / escape ...
// unescaped = %x20-21 / %x23-5B / %x5D-10FFFF
impl::Passed impl::pass_string(const char* at, const char* end) {
    bool is_plain = true;
    for (;;) {
        at = skip_plain(at, end);
        if (at == end) return {.end = nullptr, .is_notable = false};
        if (*at == '"') return {.end = at + 1, .is_notable = !is_plain};
        is_plain = false;
        at = *at == '\\' ? escape_end(at, end) : utf8_end(at, end);
        if (at == nullptr) return {.end = nullptr, .is_notable = false};
    }
}

// Hardly any text is so deep, so this takes its time: a bit for each level stands in memory.
[[gnu::noinline]] impl::Deep impl::pass_deep(const char* at, const char* end) {
    const auto levels_max = static_cast<std::size_t>(depth_most - depth_quick);
    std::bitset<depth_most - depth_quick> is_object;
    Scanner scanner({at, end});
    std::size_t level = 0;
    std::size_t level_most = 0;
    const Deep broken{.end = nullptr, .has_line_breaks = false, .depth = 0};
    do {
        scanner.skip_space();
        const char first = scanner.peek();
        if (first == '{' || first == '[') {
            if (level == levels_max) {
                return {.end = nullptr, .has_line_breaks = false, .depth = depth_most + 1};
            }
            scanner.take(first);
            is_object.set(level++, first == '{');
            level_most = std::max(level_most, level);
            const bool is_empty = scanner.take(first == '{' ? '}' : ']');
            if (is_empty) {
                --level;
            } else if (first == '{' && scanner.name().empty()) {
                return broken;
            } else {
                continue;
            }
        } else if (scanner.value().empty()) {
            return broken;
        }
        while (level > 0 && !scanner.take(',')) {
            if (!scanner.take(is_object.test(--level) ? '}' : ']')) return broken;
        }
        if (level > 0 && is_object.test(level - 1) && scanner.name().empty()) return broken;
    } while (level > 0);
    return {
        .end = at + scanner.position(),
        .has_line_breaks = scanner.has_line_breaks(),
        .depth = depth_quick + static_cast<int>(level_most)
    };
}

std::unexpected<Error> Scanner::failure() const {
    if (is_too_deep()) {
        return fail(
            Errc::invalid_request, "JSON nested over " + std::to_string(depth_max_) + " deep"
        );
    }
    return fail(Errc::malformed, "not valid JSON");
}

[[gnu::always_inline]] inline bool Scanner::pass_literal(std::string_view word) {
    if (!std::string_view(at_, end_).starts_with(word)) return false;
    at_ += word.size();
    return true;
}

[[gnu::always_inline]] inline bool Scanner::pass_digits() {
    const char* start = at_;
    while (at_ != end_ && *at_ >= '0' && *at_ <= '9')
        ++at_;
    return at_ != start;
}

// number = [ minus ] int [ frac ] [ exp ]
// int = zero / ( digit1-9 *DIGIT )
// frac = decimal-point 1*DIGIT
// exp = e [ minus / plus ] 1*DIGIT
[[gnu::always_inline]] inline bool Scanner::pass_number() {
    if (peek() == '-') ++at_;
    if (peek() == '0') {
        ++at_;
    } else if (!pass_digits()) {
        return false;
    }
    if (peek() == '.') {
        ++at_;
        if (!pass_digits()) return false;
    }
    if (peek() != 'e' && peek() != 'E') return true;
    ++at_;
    if (peek() == '+' || peek() == '-') ++at_;
    return pass_digits();
}

// object = begin-object [ member *( value-separator member ) ] end-object
// array = begin-array [ value *( value-separator value ) ] end-array
[[gnu::always_inline]] inline bool Scanner::pass_nested() {
    const int floor = depth_;
    for (;;) {
        skip_space();
        switch (peek()) {
            case '"':
                if (!pass_string()) return false;
                break;
            case '{':
                if (depth_ == depth_quick) {
                    if (!pass_deeper()) return false;
                    break;
                }
                ++at_;
                if (!descend(true)) return false;
                if (leave('}')) break;
                if (name().empty()) return false;
                continue;
            case '[':
                if (depth_ == depth_quick) {
                    if (!pass_deeper()) return false;
                    break;
                }
                ++at_;
                if (!descend(false)) return false;
                if (leave(']')) break;
                continue;
            case 't':
                if (!pass_literal("true")) return false;
                break;
            case 'f':
                if (!pass_literal("false")) return false;
                break;
            case 'n':
                if (!pass_literal("null")) return false;
                break;
            default:
                if (!pass_number()) return false;
        }
        // Behind a value: out of all that ends here, and on to the next.
        for (;;) {
            if (depth_ == floor) return true;
            const bool is_object = (is_object_ & 1U) != 0;
            if (take(',')) {
                if (is_object && name().empty()) return false;
                break;
            }
            if (!leave(is_object ? '}' : ']')) return false;
        }
    }
}

[[gnu::always_inline]] inline bool Scanner::pass_deeper() {
    const auto deep = impl::pass_deep(at_, end_);
    has_line_breaks_ |= deep.has_line_breaks;
    depth_found_ = std::max(depth_found_, deep.depth);
    if (deep.end == nullptr) return false;
    at_ = deep.end;
    return true;
}

bool Scanner::pass_value() {
    Scanner local = *this;  // Which the compiler keeps in registers, other than *this.
    const bool passed = local.pass_nested();
    *this = local;
    return passed;
}

bool is_valid(std::string_view text) {
    Scanner scanner(text);
    return !scanner.value().empty() && scanner.at_end();
}

}  // namespace gw::json
