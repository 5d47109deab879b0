#include "app/token_line.hpp"

#include "base/text_digest.hpp"
#include "net/networks.hpp"

#include <algorithm>
#include <chrono>
#include <ranges>
#include <sodium.h>
#include <utility>

namespace gw::app {

namespace {

constexpr std::string_view mark = ":sha256:";
constexpr std::string_view own_issuer = "bascule";
constexpr std::size_t name_size_max = 128;
constexpr std::size_t text_size_max = 255;
constexpr std::size_t token_size_min = 16;
constexpr std::size_t token_size_max = 4096;

bool is_visible(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

bool is_token_name(std::string_view text) {
    return !text.empty() && text.size() <= name_size_max && is_visible(text) &&
           text.find_first_of(":#") == std::string_view::npos;
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

// ---- the words behind the hash ----

// Takes a value; false when it is none that there can be.
using Read = bool (*)(std::string_view value, Token& token);

struct Word {
    std::string_view key;
    std::string_view expected;
    Read read;
};

bool read_text(std::string_view value, std::string& text) {
    text = value;
    return !value.empty() && value.size() <= text_size_max && is_visible(value);
}

// `size` digits, which are taken off `text`.
std::optional<int> take_number(std::string_view& text, std::size_t size) {
    const auto digits = text.substr(0, size);
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (digits.size() != size || !std::ranges::all_of(digits, is_digit)) return {};
    int number = 0;
    for (const char c : digits)
        number = 10 * number + (c - '0');
    text.remove_prefix(size);
    return number;
}

bool take(std::string_view& text, char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
}

// RFC 3339, in UTC and whole seconds.
bool read_time(std::string_view text, Token& token) {
    namespace chrono = std::chrono;
    constexpr std::array<std::pair<std::size_t, char>, 6> parts{
        {{4, '-'}, {2, '-'}, {2, 'T'}, {2, ':'}, {2, ':'}, {2, 'Z'}}
    };
    std::array<int, parts.size()> numbers{};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto number = take_number(text, parts.at(i).first);
        if (!number || !take(text, parts.at(i).second)) return false;
        numbers.at(i) = *number;
    }
    const auto [year, month, day, hour, minute, second] = numbers;
    const chrono::year_month_day date{
        chrono::year(year),
        chrono::month(static_cast<unsigned>(month)),
        chrono::day(static_cast<unsigned>(day))
    };
    // Clocks count nanoseconds in 64 bits.
    const bool is_in_range = year >= 1970 && year <= 2261;
    if (!text.empty() || !date.ok() || !is_in_range) return false;
    if (hour > 23 || minute > 59 || second > 59) return false;
    token.expires = WallTime(chrono::sys_days(date)) + chrono::hours(hour) +
                    chrono::minutes(minute) + chrono::seconds(second);
    return true;
}

bool read_networks(std::string_view value, Token& token) {
    for (const auto part : std::views::split(value, ','))
        token.networks.emplace_back(part.begin(), part.end());
    return !token.networks.empty() &&
           std::ranges::all_of(token.networks, &net::Networks::is_network);
}

constexpr std::array words{
    Word{
        "subject",
        "1 to 255 visible ASCII characters",
        [](std::string_view value, Token& token) { return read_text(value, token.subject); }
    },
    Word{
        "issuer",
        "1 to 255 visible ASCII characters",
        [](std::string_view value, Token& token) { return read_text(value, token.issuer); }
    },
    Word{"expires", "a time in UTC such as 2027-01-31T00:00:00Z", &read_time},
    Word{
        "server",
        "the id of a virtual server",
        [](std::string_view value, Token& token) { return read_text(value, token.server); }
    },
    Word{"networks", "networks or addresses such as 10.0.0.0/8,::1", &read_networks}
};

std::unexpected<Error> wrong(std::string text) {
    return fail(Errc::invalid_params, std::move(text));
}

std::string known_keys() {
    std::string keys;
    for (const auto& word : words)
        keys.append(keys.empty() ? "" : ", ").append(word.key);
    return keys;
}

// A key that may be said again: no token is so short, or of such letters only.
bool looks_like_a_key(std::string_view text) {
    return !text.empty() && text.size() < token_size_min &&
           std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

Result<void> read_word(std::string_view text, Token& token, std::vector<std::string_view>& seen) {
    const auto equals = text.find('=');
    const auto key = text.substr(0, equals);
    if (equals == std::string_view::npos || !looks_like_a_key(key)) {
        return wrong("expected KEY=VALUE behind the hash; the keys are " + known_keys());
    }
    const auto* const word = std::ranges::find(words, key, &Word::key);
    const auto named = "\"" + std::string(key) + "\"";
    if (word == words.end()) {
        return wrong(named + " is no key of a token; there are " + known_keys());
    }
    if (std::ranges::find(seen, key) != seen.end()) return wrong(named + " stands twice");
    seen.push_back(key);
    if (word->read(text.substr(equals + 1), token)) return {};
    return wrong(named + ": expected " + std::string(word->expected));
}

bool read_hash(std::string_view digits, Token& token) {
    std::size_t size = 0;
    if (digits.size() != 2 * token.hash.size()) return false;
    const int is_bad = sodium_hex2bin(
        token.hash.data(), token.hash.size(), digits.data(), digits.size(), nullptr, &size, nullptr
    );
    return is_bad == 0 && size == token.hash.size();
}

// The next word, which is taken off `text`; empty at its end.
std::string_view take_word(std::string_view& text) {
    constexpr std::string_view spaces = " \t";
    text.remove_prefix(std::min(text.find_first_not_of(spaces), text.size()));
    const auto word = text.substr(0, text.find_first_of(spaces));
    text.remove_prefix(word.size());
    return word;
}

}  // namespace

Result<Token> parse_token_line(std::string_view line) {
    const auto first = take_word(line);
    const auto colon = first.find(mark);
    Token token;
    const bool has_mark = colon != std::string_view::npos;
    if (!has_mark || !is_token_name(first.substr(0, colon)) ||
        !read_hash(first.substr(colon + mark.size()), token)) {
        return wrong("expected NAME:sha256: and 64 hexadecimal digits");
    }
    token.name = token.subject = first.substr(0, colon);
    token.issuer = own_issuer;
    std::vector<std::string_view> seen;
    for (auto word = take_word(line); !word.empty(); word = take_word(line)) {
        GW_DO(read_word(word, token, seen));
    }
    return token;
}

Token::Hash hash_of(std::string_view token) {
    Token::Hash hash;
    static_assert(sizeof(hash) == crypto_hash_sha256_BYTES);
    const auto* bytes = reinterpret_cast<const unsigned char*>(token.data());
    crypto_hash_sha256(hash.data(), bytes, token.size());
    return hash;
}

Result<std::string> token_line(std::string_view name, std::string_view token) {
    if (!is_token_name(name)) {
        return wrong(R"(a name has 1 to 128 visible ASCII characters without ":" and "#")");
    }
    if (token.size() < token_size_min || token.size() > token_size_max || !is_bearer_token(token)) {
        return wrong(
            "a token has 16 to 4096 characters of A-Za-z0-9-._~+/ and may end with \"=\"; "
            "`openssl rand -base64 32` makes one"
        );
    }
    return std::string(name) + std::string(mark) + to_hex(hash_of(token));
}

}  // namespace gw::app
