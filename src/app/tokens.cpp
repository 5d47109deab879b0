#include "app/tokens.hpp"

#include "app/text_file.hpp"

#include <algorithm>
#include <set>
#include <sodium.h>

namespace gw::app {
namespace {

constexpr std::string_view mark = ":sha256:";
constexpr std::size_t name_size_max = 128;
constexpr std::size_t token_size_min = 16;
constexpr std::size_t token_size_max = 4096;

bool is_token_name(std::string_view text) {
    return !text.empty() && text.size() <= name_size_max && std::ranges::all_of(text, [](char c) {
        return c > 0x20 && c < 0x7F && c != ':' && c != '#';
    });
}

// RFC 6750 2.1: b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="
bool is_bearer_token(std::string_view text) {
    const auto end = text.find_last_not_of('=');
    if (end == std::string_view::npos) return false;
    return std::ranges::all_of(text.substr(0, end + 1), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("-._~+/").find(c) != std::string_view::npos;
    });
}

template <typename Hash>
Hash hash_of(std::string_view text) {
    Hash hash;
    static_assert(sizeof(hash) == crypto_hash_sha256_BYTES);
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    crypto_hash_sha256(hash.data(), bytes, text.size());
    return hash;
}

// A line without its comment and the spaces around it.
std::string_view stripped(std::string_view line) {
    line = line.substr(0, line.find('#'));
    constexpr std::string_view spaces = " \t\r";
    const auto begin = line.find_first_not_of(spaces);
    if (begin == std::string_view::npos) return {};
    return line.substr(begin, line.find_last_not_of(spaces) + 1 - begin);
}

}  // namespace

bool TokenTable::parse_line(std::string_view line, Token& token) {
    const auto colon = line.find(mark);
    if (colon == std::string_view::npos || !is_token_name(line.substr(0, colon))) return false;
    const auto digits = line.substr(colon + mark.size());
    token.name = line.substr(0, colon);
    if (digits.size() != 2 * token.hash.size()) return false;
    std::size_t size = 0;
    const int is_bad = sodium_hex2bin(
        token.hash.data(), token.hash.size(), digits.data(), digits.size(), nullptr, &size, nullptr
    );
    return is_bad == 0 && size == token.hash.size();
}

Result<TokenTable> TokenTable::parse(std::string_view text, const std::string& source) {
    TokenTable table;
    std::string errors;
    for (int number = 1; !text.empty(); ++number) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto line = stripped(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty()) continue;
        const auto where = (errors.empty() ? "" : "\n") + source + ":" + std::to_string(number);
        Token token;
        if (!parse_line(line, token)) {
            // The line is not repeated: it may be a token that somebody wrote there by mistake.
            errors += where + ": expected NAME:sha256: and 64 hexadecimal digits";
        } else if (std::ranges::find(table.tokens_, token.hash, &Token::hash) !=
                   table.tokens_.end()) {
            errors += where + ": the token of " + token.name + " appears twice";
        } else {
            table.tokens_.push_back(std::move(token));
        }
    }
    if (errors.empty() && table.tokens_.empty()) errors = source + " has no tokens";
    if (!errors.empty()) return fail(Errc::invalid_params, std::move(errors));
    return table;
}

std::vector<std::string> TokenTable::names() const {
    std::vector<std::string> all;
    all.reserve(tokens_.size());
    for (const auto& token : tokens_)
        all.push_back(token.name);
    return all;
}

std::size_t TokenTable::count_in(const TokenTable& other) const {
    std::set<std::pair<Hash, std::string>> theirs;
    for (const auto& token : other.tokens_)
        theirs.emplace(token.hash, token.name);
    return static_cast<std::size_t>(std::ranges::count_if(tokens_, [&](const auto& token) {
        return theirs.contains({token.hash, token.name});
    }));
}

std::optional<std::size_t> TokenTable::find(std::string_view bearer) const {
    const auto hash = hash_of<Hash>(bearer);
    auto found = tokens_.size();
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
        const bool is_same = sodium_memcmp(hash.data(), tokens_[i].hash.data(), hash.size()) == 0;
        found = is_same ? i : found;
    }
    if (found == tokens_.size()) return {};
    return found;
}

Result<TokenTable> read_tokens(const std::string& file) {
    GW_TRY(const auto text, read_text_file(file));
    return TokenTable::parse(text, file);
}

Result<std::string> token_line(std::string_view name, std::string_view token) {
    if (!is_token_name(name)) {
        return fail(
            Errc::invalid_params,
            R"(a name has 1 to 128 visible ASCII characters without ":" and "#")"
        );
    }
    if (token.size() < token_size_min || token.size() > token_size_max || !is_bearer_token(token)) {
        return fail(
            Errc::invalid_params,
            "a token has 16 to 4096 characters of A-Za-z0-9-._~+/ and may end with \"=\"; "
            "`openssl rand -base64 32` makes one"
        );
    }
    const auto hash = hash_of<std::array<unsigned char, 32>>(token);
    std::string digits(2 * hash.size() + 1, '\0');
    sodium_bin2hex(digits.data(), digits.size(), hash.data(), hash.size());
    digits.pop_back();
    return std::string(name) + std::string(mark) + digits;
}

}  // namespace gw::app
