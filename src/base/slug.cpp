#include "base/slug.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

namespace gw {
namespace {

// What each code point becomes: lower-cased, decomposed (NFKD) and cut to ASCII. '-' is no letter,
// '.' a letter that is dropped, '*' one that stands in `expanded`.
constexpr std::string_view latin =  // U+00A0 to U+024F
    "----------a-------23-.---1o-***-aaaaaa*ceeeeiiii.nooooo-ouuuuy.*"
    "aaaaaa*ceeeeiiii.nooooo-ouuuuy.yaaaaaaccccccccdd..eeeeeeeeeegggg"
    "gggghh..iiiiiiii*.**jjkk.llllllll..nnnnnnn..oooooo..rrrrrrssssss"
    "sstttt..uuuuuuuuuuuuwwyyyzzzzzzs................................"
    "oo.............uu...................*********aaiioouuuuuuuuuu.aa"
    "aa....ggkkoooo..j***gg..nnaa....aaaaeeeeiiiioooorrrruuuusstt..hh"
    "......aaeeooooooooyy............................";
constexpr std::string_view latin_additional =  // U+1E00 to U+1EFF
    "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmm"
    "mmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvv"
    "wwwwwwwwwwxxxxyyzzzzzzhtwyas..*.aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee"
    "eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy......";
static_assert(latin.size() == 0x250 - 0xA0 && latin_additional.size() == 0x100);

struct Expanded {
    char32_t code;
    std::string_view text;
};

constexpr std::array expanded = std::to_array<Expanded>({
    {0xbc, "14"},  {0xbd, "12"},  {0xbe, "34"},  {0xc6, "ae"},   {0xdf, "ss"},  {0xe6, "ae"},
    {0x130, "i-"}, {0x132, "ij"}, {0x133, "ij"}, {0x1c4, "dz"},  {0x1c5, "dz"}, {0x1c6, "dz"},
    {0x1c7, "lj"}, {0x1c8, "lj"}, {0x1c9, "lj"}, {0x1ca, "nj"},  {0x1cb, "nj"}, {0x1cc, "nj"},
    {0x1f1, "dz"}, {0x1f2, "dz"}, {0x1f3, "dz"}, {0x1e9e, "ss"},
});

struct Range {
    char32_t first;
    char32_t last;
};

// Where else there are marks, punctuation and symbols; what stands outside is taken for a letter.
constexpr std::array symbols = std::to_array<Range>({
    {0x02EF, 0x036F},    // modifier symbols, combining marks
    {0x1DC0, 0x1DFF},    // combining marks
    {0x2000, 0x206F},    // general punctuation
    {0x20A0, 0x2101},    // currency
    {0x218A, 0x244A},    // arrows, mathematics, technical
    {0x2500, 0x2775},    // boxes, shapes, dingbats
    {0x2794, 0x2BFF},    // arrows, more mathematics
    {0x3000, 0x3004},    // CJK punctuation
    {0x3008, 0x3020},    // CJK brackets
    {0xE000, 0xF8FF},    // private use
    {0xFDFC, 0xFE6B},    // variation selectors, small forms
    {0xFF00, 0xFF0F},    // full-width punctuation
    {0x1F000, 0x1FBCA},  // emoji
});

struct Folded {
    bool is_word = false;   // A letter, a digit or '_', as far as apostrophes are concerned.
    std::string_view text;  // Its ASCII form; "-" where there is none between words.
};

constexpr std::string_view ascii = "abcdefghijklmnopqrstuvwxyz0123456789-";

Folded fold_ascii(char32_t code) {
    if (code >= 'a' && code <= 'z') return {true, ascii.substr(code - 'a', 1)};
    if (code >= 'A' && code <= 'Z') return {true, ascii.substr(code - 'A', 1)};
    if (code >= '0' && code <= '9') return {true, ascii.substr(code - '0' + 26, 1)};
    return {code == '_', "-"};
}

Folded fold(char32_t code) {
    if (code < 0x80) return fold_ascii(code);
    std::string_view one;
    if (code >= 0xA0 && code < 0x250) one = latin.substr(code - 0xA0, 1);
    if (code >= 0x1E00 && code < 0x1F00) one = latin_additional.substr(code - 0x1E00, 1);
    if (one == "*") {
        const auto* found = std::ranges::find(expanded, code, &Expanded::code);
        GW_ASSERT(found != expanded.end());
        return {true, found->text};
    }
    const bool is_symbol =
        one == "-" || code < 0xA0 ||
        std::ranges::any_of(symbols, [&](Range r) { return code >= r.first && code <= r.last; });
    if (is_symbol) return {false, "-"};
    return {true, one == "." ? "" : one};
}

// Takes one code point off the front of `rest`; a byte that is not UTF-8 counts as a symbol.
char32_t take(std::string_view& rest) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(rest[at]); };
    const unsigned char lead = byte(0);
    std::size_t size = 1;
    if (lead >= 0xC2 && lead <= 0xDF) size = 2;
    if (lead >= 0xE0 && lead <= 0xEF) size = 3;
    if (lead >= 0xF0 && lead <= 0xF4) size = 4;
    char32_t code = size == 1 ? lead : lead & (0x7FU >> size);
    bool is_valid = lead < 0x80 || (size > 1 && rest.size() >= size);
    for (std::size_t at = 1; is_valid && at < size; ++at) {
        is_valid = (byte(at) & 0xC0U) == 0x80;
        code = code << 6U | (byte(at) & 0x3FU);
    }
    rest.remove_prefix(is_valid ? size : 1);
    return is_valid ? code : 0x2000;
}

bool is_apostrophe(char32_t code) {
    return code == '\'' || code == 0x2019;
}

// Takes an apostrophe off the front when it stands inside a word; `rest` begins behind a letter.
// That letter is used up: in "a'b'c" only the first apostrophe goes.
std::optional<Folded> take_apostrophe(std::string_view& rest) {
    if (rest.empty()) return std::nullopt;
    auto behind = rest;
    if (!is_apostrophe(take(behind)) || behind.empty()) return std::nullopt;
    const auto next = fold(take(behind));
    if (!next.is_word) return std::nullopt;
    rest = behind;
    return next;
}

}  // namespace

std::string slugify(std::string_view text, std::string_view separator) {
    std::string slug;
    bool has_words = false;  // Something that is no separator came before, folded away or not.
    bool wants_separator = false;
    const auto put = [&](std::string_view folded) {
        if (folded == "-") {
            wants_separator = has_words;
            return;
        }
        if (wants_separator) slug += separator;
        wants_separator = false;
        has_words = true;
        // U+0130 alone folds to a letter and a mark.
        if (folded.ends_with('-')) wants_separator = true;
        slug += folded.substr(0, folded.size() - (wants_separator ? 1 : 0));
    };
    while (!text.empty()) {
        const auto folded = fold(take(text));
        put(folded.text);
        if (!folded.is_word) continue;
        if (const auto next = take_apostrophe(text)) put(next->text);
    }
    return slug;
}

}  // namespace gw
