#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gw::catalog {

// A URI template (RFC 6570), for one question only: can this URI have been made from it? Levels 1
// to 3 and the explode modifier are told apart as far as the question needs: `{x}` stands for
// characters without "/", "?" and "#"; `{+x}`, `{#x}` for any; `{/x}`, `{.x}`, `{;x}`, `{?x}`,
// `{&x}` for what starts with their sign, or nothing.
class UriTemplate {
public:
    explicit UriTemplate(std::string_view text);

    // In time proportional to the product of both sizes, at most.
    bool matches(std::string_view uri) const;

private:
    struct Piece {
        std::string literal;  // When the operator is 0.
        char op = 0;          // ' ' for a simple expansion.
    };

    std::vector<Piece> pieces_;
};

}  // namespace gw::catalog
