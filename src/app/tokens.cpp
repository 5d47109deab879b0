#include "app/tokens.hpp"

#include "app/text_file.hpp"

#include <algorithm>
#include <map>
#include <sodium.h>
#include <utility>

namespace gw::app {
namespace {

constexpr std::string_view spaces = " \t\r";

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(spaces);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(spaces) + 1 - begin);
}

// A line without its comment and the spaces around it. A "#" in a value is part of that: a subject
// must not be cut into somebody else's.
std::string_view stripped(std::string_view line) {
    for (auto at = line.find('#'); at != std::string_view::npos; at = line.find('#', at + 1)) {
        const auto before = line.substr(0, at);
        const bool is_in_value = trimmed(before).find_first_of(spaces) != std::string_view::npos &&
                                 trimmed(before).ends_with(before.back());
        if (!is_in_value) return trimmed(before);
    }
    return trimmed(line);
}

}  // namespace

Result<TokenTable> TokenTable::parse(std::string_view text, const std::string& source) {
    TokenTable table;
    std::string errors;
    for (int number = 1; !text.empty(); ++number) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto line = stripped(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty()) continue;
        const auto where =
            (errors.empty() ? "" : "\n") + source + ":" + std::to_string(number) + ": ";
        auto token = parse_token_line(line);
        if (!token) {
            errors += where + token.error().text;
        } else if (std::ranges::find(table.tokens_, token->hash, &Token::hash) !=
                   table.tokens_.end()) {
            errors += where + "the token of " + token->name + " appears twice";
        } else {
            table.tokens_.push_back(*std::move(token));
        }
    }
    if (!errors.empty()) return fail(Errc::invalid_params, std::move(errors));
    return table;
}

TokenTable::Common TokenTable::common_with(const TokenTable& other) const {
    std::map<Token::Hash, const Token*> theirs;
    for (const auto& token : other.tokens_)
        theirs.emplace(token.hash, &token);
    Common common;
    for (const auto& token : tokens_) {
        const auto found = theirs.find(token.hash);
        if (found == theirs.end()) continue;
        ++common.all;
        if (token != *found->second) ++common.changed;
    }
    return common;
}

std::optional<std::size_t> TokenTable::find(std::string_view bearer) const {
    const auto hash = hash_of(bearer);
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

}  // namespace gw::app
