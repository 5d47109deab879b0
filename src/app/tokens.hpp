#pragma once

#include "base/error.hpp"

#include <array>
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
    // file := *( [ NAME ":sha256:" 64HEXDIG ] [ "#" comment ] LF )
    //
    // NAME, of visible ASCII characters without ":" and "#", is the principal; it may have several
    // tokens, but a token has one name. A file without any token is an error: nobody could connect.
    // `source` names the file in errors, of which the text has all, one a line.
    static Result<TokenTable> parse(std::string_view text, const std::string& source);

    // Which of the tokens `bearer` is, counted from 0. Takes the same time for every text of the
    // same length.
    std::optional<std::size_t> find(std::string_view bearer) const;

    // Those of the tokens, in their order.
    std::vector<std::string> names() const;

    std::size_t size() const { return tokens_.size(); }

    // How many of these are in `other` under the same name.
    std::size_t count_in(const TokenTable& other) const;

private:
    using Hash = std::array<unsigned char, 32>;

    struct Token {
        std::string name;
        Hash hash{};
    };

    static bool parse_line(std::string_view line, Token& token);

    std::vector<Token> tokens_;
};

// The whole of a token file. It blocks. The text of an error names the file, the line and what is
// wrong with it, and no token.
Result<TokenTable> read_tokens(const std::string& file);

// The line of a token file for `token`. Refuses names and tokens that could not be used (RFC 6750
// 2.1: b64token), and tokens of less than 16 characters, which could be guessed.
Result<std::string> token_line(std::string_view name, std::string_view token);

}  // namespace gw::app
