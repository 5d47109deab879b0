#include "catalog/uri_template.hpp"

#include <cstddef>
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

// reached[i] is true when the pieces so far can have made the first i characters.
bool UriTemplate::matches(std::string_view uri) const {
    std::vector<bool> reached(uri.size() + 1, false);
    reached[0] = true;
    for (const auto& piece : pieces_) {
        std::vector<bool> next(uri.size() + 1, false);
        for (std::size_t i = 0; i <= uri.size(); ++i) {
            if (piece.op == 0) {
                if (reached[i] && uri.substr(i).starts_with(piece.literal)) {
                    next[i + piece.literal.size()] = true;
                }
                continue;
            }
            // A simple or reserved expansion has a character at least; one with a sign may be
            // missing as a whole, and else begins with the sign.
            if (needs_sign(piece.op)) {
                next[i] = next[i] || reached[i];
                if (!reached[i] || i == uri.size() || uri[i] != piece.op) continue;
            } else if (!reached[i]) {
                continue;
            }
            for (std::size_t j = i; j < uri.size() && may_stand(piece.op, uri[j]); ++j) {
                if (next[j + 1] && j > i) break;  // What follows was reached before.
                next[j + 1] = true;
            }
        }
        reached = std::move(next);
    }
    return reached[uri.size()];
}

}  // namespace gw::catalog
