#include "catalog/uri_template.hpp"

#include <cstddef>
#include <span>
#include <utility>

namespace gw::catalog {

namespace {

// True when `c` may stand in what an expression with `op` expands to.
bool may_stand(char op, char c) {
    switch (op) {
        case ' ':
        case '.': return c != '/' && c != '?' && c != '#';
        case '/':
        case ';': return c != '?' && c != '#';
        case '?':
        case '&': return c != '#';
        default: return true;
    }
}

bool needs_sign(char op) {
    return op == '.' || op == '/' || op == ';' || op == '?' || op == '&' || op == '#';
}

// Which beginnings of a text the pieces so far can have made.
class Reached {
public:
    explicit Reached(std::string_view text) : text_(text), now_(text.size() + 1, 0) { now_[0] = 1; }

    void follow_with(std::string_view literal) {
        begin();
        for (auto at = text_.find(literal); at != std::string_view::npos;
             at = text_.find(literal, at + 1)) {
            if (now_[at] != 0) next_[at + literal.size()] = 1;
        }
        now_.swap(next_);
    }

    // A simple or reserved expansion has a character at least; one with a sign may be missing as a
    // whole, and else begins with the sign.
    void follow_with(char op) {
        begin();
        bool is_inside = false;
        for (std::size_t i = 0; i <= text_.size(); ++i) {
            if (is_inside) next_[i] = 1;
            if (now_[i] != 0 && needs_sign(op)) next_[i] = 1;
            if (i == text_.size()) break;
            const bool begins = now_[i] != 0 && (!needs_sign(op) || text_[i] == op);
            is_inside = (is_inside || begins) && may_stand(op, text_[i]);
        }
        now_.swap(next_);
    }

    bool has_all() const { return now_.back() != 0; }

private:
    void begin() { next_.assign(now_.size(), 0); }

    std::string_view text_;
    std::vector<char> now_;  // True at i for the first i characters.
    std::vector<char> next_;
};

}  // namespace

UriTemplate::UriTemplate(std::string_view text) {
    while (!text.empty()) {
        const auto open = text.find('{');
        if (open != 0) pieces_.push_back({std::string(text.substr(0, open)), 0});
        if (open == std::string_view::npos) return;
        const auto close = text.find('}', open);
        if (close == std::string_view::npos) {  // No expression: it stands for itself.
            pieces_.push_back({std::string(text.substr(open)), 0});
            return;
        }
        const char first = close > open + 1 ? text[open + 1] : ' ';
        const bool is_operator = std::string_view("+#./;?&").contains(first);
        pieces_.push_back({{}, is_operator ? first : ' '});
        text.remove_prefix(close + 1);
    }
}

bool UriTemplate::matches(std::string_view uri) const {
    std::span<const Piece> pieces = pieces_;
    if (!pieces.empty() && pieces.front().op == 0) {
        const auto& begin = pieces.front().literal;
        if (!uri.starts_with(begin)) return false;
        uri.remove_prefix(begin.size());
        pieces = pieces.subspan(1);
    }
    if (!pieces.empty() && pieces.back().op == 0) {
        const auto& end = pieces.back().literal;
        if (!uri.ends_with(end)) return false;
        uri.remove_suffix(end.size());
        pieces = pieces.first(pieces.size() - 1);
    }
    Reached reached(uri);
    for (const auto& piece : pieces) {
        if (piece.op == 0) {
            reached.follow_with(piece.literal);
        } else {
            reached.follow_with(piece.op);
        }
    }
    return reached.has_all();
}

}  // namespace gw::catalog
