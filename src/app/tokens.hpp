#pragma once

#include "app/token_line.hpp"
#include "base/error.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::app {

// The tokens that clients may show, as hashes. Tokens are random, long texts, so one round of
// SHA-256 protects them as well as a slow hash would.
class TokenTable {
public:
    // file := *( [ line ] [ "#" comment ] LF ), each as parse_token_line() has it
    //
    // A user may have several tokens, and a token stands once. `source` names the file in errors,
    // of which the text has all, one a line.
    static Result<TokenTable> parse(std::string_view text, const std::string& source);

    // Which of tokens() `bearer` is. Takes the same time for every text of the same length.
    std::optional<std::size_t> find(std::string_view bearer) const;

    const std::vector<Token>& tokens() const { return tokens_; }

    std::size_t size() const { return tokens_.size(); }

    // What is in two tables.
    struct Common {
        std::size_t all = 0;
        std::size_t changed = 0;  // How many of them with something else about them.
    };

    // How many of these tokens are in `other` as well.
    Common common_with(const TokenTable& other) const;

private:
    std::vector<Token> tokens_;
};

// The whole of a token file. It blocks. The text of an error names the file, the line and what is
// wrong with it, and no token.
Result<TokenTable> read_tokens(const std::string& file);

}  // namespace gw::app
