#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace gw::mcp::impl {

// Walks JSON text that was checked before, into what the caller enters and over the rest. It only
// goes forward: each byte is passed once, however deep it stands. Of text that was not checked it
// makes nonsense, and still ends.
class CheckedText {
public:
    explicit CheckedText(std::string_view text) : text_(text) {}

    // The byte that comes next, behind white space; NUL at the end.
    char peek() {
        at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
        return at_ < text_.size() ? text_[at_] : '\0';
    }

    // Where that is.
    std::size_t position() const { return at_; }

    // The bytes of any value.
    std::string_view value() {
        const char first = peek();
        const auto begin = at_;
        if (first == '{' || first == '[') {
            pass_nested();
        } else if (first == '"') {
            pass_string();
        } else {
            at_ = std::min(text_.find_first_of(",]} \t\r\n", at_), text_.size());
        }
        return text_.substr(begin, at_ - begin);
    }

    // Calls visit(name) for each member of the object that comes next; the name is in its quotes.
    // `visit` passes the value.
    template <typename Visit>
    void members(Visit visit) {
        if (!take('{') || take('}')) return;
        do {
            if (peek() != '"') return;
            const auto name = value();
            if (!take(':')) return;
            visit(name);
        } while (take(','));
        take('}');
    }

    // Calls visit() for each element of the array that comes next, which it passes.
    template <typename Visit>
    void elements(Visit visit) {
        if (!take('[') || take(']')) return;
        do {
            visit();
        } while (take(','));
        take(']');
    }

private:
    bool take(char expected) {
        if (peek() != expected) return false;
        ++at_;
        return true;
    }

    // To the next quote that has an even number of backslashes before it.
    void pass_string() {
        for (auto quote = text_.find('"', at_ + 1); quote != text_.npos;
             quote = text_.find('"', quote + 1)) {
            auto begin = quote;
            while (text_[begin - 1] == '\\')
                --begin;
            if ((quote - begin) % 2 != 0) continue;
            at_ = quote + 1;
            return;
        }
        at_ = text_.size();
    }

    void pass_nested() {
        std::size_t depth = 0;
        do {
            at_ = std::min(text_.find_first_of("\"[]{}", at_), text_.size());
            if (at_ == text_.size()) return;
            if (text_[at_] == '"') {
                pass_string();
                continue;
            }
            const bool is_in = text_[at_] == '[' || text_[at_] == '{';
            ++at_;
            is_in ? ++depth : --depth;
        } while (depth > 0);
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace gw::mcp::impl
