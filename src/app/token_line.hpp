#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::app {

// One token, as a line of the file has it.
struct Token {
    using Hash = std::array<unsigned char, 32>;

    std::string name;
    Hash hash{};
    std::string issuer = {};   // Whose the subject is: the gateway's own, if nothing else was said.
    std::string subject = {};  // The user: the name, if nothing else was said.
    std::optional<WallTime> expires = {};
    std::string server = {};                 // The virtual server that it is for; empty: all.
    std::vector<std::string> networks = {};  // Where it may be shown; none: everywhere.

    bool operator==(const Token&) const = default;
};

// line := NAME ":sha256:" 64HEXDIG *( SP KEY "=" VALUE )
//
// NAME has 1 to 128 visible ASCII characters without ":" and "#". A key stands once; subject,
// issuer, expires, server and networks are those that there are. The text of an error names the
// key, and nothing else of the line: it may be a token that somebody wrote there by mistake.
Result<Token> parse_token_line(std::string_view line);

// The line for a token itself. Refuses names and tokens that could not be used (RFC 6750 2.1:
// b64token), and tokens of less than 16 characters, which could be guessed.
Result<std::string> token_line(std::string_view name, std::string_view token);

// SHA-256.
Token::Hash hash_of(std::string_view token);

}  // namespace gw::app
