#include "upstream/ground/credentials.hpp"

#include "base/ascii.hpp"
#include "base/base64.hpp"
#include "base/json.hpp"
#include "base/json_scanner.hpp"
#include "base/unicode.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace gw::upstream {

namespace {

constexpr std::size_t long_min = 16;  // Of what is a credential only if it looks like one.

// Words of names end in one of these. "tokens" is none: MAX_TOKENS.
constexpr std::array<std::string_view, 14> endings{
    "authorization",
    "cookie",
    "key",
    "keys",
    "token",
    "secret",
    "secrets",
    "pass",
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "credential",
    "credentials",
};

constexpr std::array<std::string_view, 3> schemes{"bearer", "basic", "token"};

bool is_letter(char c) {
    const char lower = to_lower(c);
    return lower >= 'a' && lower <= 'z';
}

bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

bool is_plain_word(std::string_view text) {
    return text.find_first_not_of("abcdefghijklmnopqrstuvwxyz-_.") == text.npos;
}

// RFC 3986: the scheme, which "jdbc:" and the like may stand before.
bool is_url(std::string_view value) {
    const auto size = value.find("://");
    if (size == value.npos || size == 0) return false;
    return std::ranges::all_of(value.substr(0, size), [](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.' ||
               c == ':';
    });
}

bool is_json(std::string_view value) {
    const auto first = value.find_first_not_of(" \t\r\n");
    return first != value.npos && (value[first] == '{' || value[first] == '[') &&
           json::is_valid(value);
}

// What was read from a file may have the end of its line.
std::string_view trimmed(std::string_view value) {
    const auto begin = std::min(value.find_first_not_of(" \t\r\n"), value.size());
    return value.substr(begin, value.find_last_not_of(" \t\r\n") + 1 - begin);
}

// Calls `use` for each part that is not empty.
template <typename Use>
void for_each_part(std::string_view text, std::string_view separators, Use use) {
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of(separators), text.size());
        if (end > 0) use(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

class Collector {
public:
    explicit Collector(const Config& config) {
        add_url(config.url);
        for (const auto& [name, value] : config.headers)
            add_value(name, value);
        for (const auto& [name, value] : config.env)
            add_value(name, value);
    }

    std::vector<std::string> take() {
        std::ranges::sort(all_, [](const auto& a, const auto& b) {
            return a.size() != b.size() ? a.size() > b.size() : a < b;
        });
        const auto repeated = std::ranges::unique(all_);
        all_.erase(repeated.begin(), repeated.end());
        return std::move(all_);
    }

private:
    void add(std::string_view text) {
        if (text.size() >= credential_min) all_.emplace_back(text);
    }

    // Also as it reads without %XX.
    void add_of_url(std::string_view text) {
        add(text);
        if (text.contains('%')) add(percent_decoded(text));
    }

    void add_value(std::string_view name, std::string_view value) {
        value = trimmed(value);
        const bool is_named = names_credential(name);
        if (is_url(value)) return add_url(value);
        if (is_json(value)) return add_json(value, is_named);
        const auto behind = behind_scheme(value, to_lower(name).ends_with("authorization"));
        if (!is_named) {
            // AUTH_HEADER="Bearer ..."; but "basic authentication" is none.
            if (!is_plain_word(behind) && !behind.contains(' ')) add_behind(value, behind);
            return;
        }
        // A file of variables may have "\n" for the ends of lines; or it stands for itself.
        const auto decoded = json_decoded(value);
        if (decoded.contains('\n')) add_lines(decoded);
        if (value.contains('\n')) return add_lines(value);
        if (equal_ignoring_case(name, "cookie")) add_cookies(value);
        behind.empty() ? add(value) : add_behind(value, behind);
    }

    void add_cookies(std::string_view value) {
        for_each_part(value, "; ", [&](auto pair) {
            const auto text = pair.substr(std::min(pair.find('='), pair.size() - 1) + 1);
            if (!is_plain_word(text)) add(text);
        });
    }

    // RFC 9110, 11.4: credentials = auth-scheme [ 1*SP ( token68 / #auth-param ) ]
    // Nothing where no scheme is.
    static std::string_view behind_scheme(std::string_view value, bool may_be_any) {
        const auto end = std::min(value.find(' '), value.size());
        const auto scheme = to_lower(value.substr(0, end));
        if (!may_be_any && std::ranges::find(schemes, scheme) == schemes.end()) return {};
        return value.substr(std::min(value.find_first_not_of(' ', end), value.size()));
    }

    void add_behind(std::string_view value, std::string_view behind) {
        add(behind);
        for_each_part(behind, " \t,;=\"", [&](auto part) {
            if (part.size() >= long_min && !is_plain_word(part)) add(part);
        });
        if (to_lower(value).starts_with("basic ")) add_basic(behind);
    }

    // RFC 7617: user and password, in base64. A user without a password is one himself.
    void add_basic(std::string_view encoded) {
        std::string padded(encoded.substr(0, encoded.find('=')));
        padded.append((4 - padded.size() % 4) % 4, '=');
        const auto pair = from_base64(padded).value_or("");
        const auto colon = std::min(pair.find(':'), pair.size());
        const auto password = std::string_view(pair).substr(std::min(colon + 1, pair.size()));
        add(password.empty() ? std::string_view(pair).substr(0, colon) : password);
    }

    void add_lines(std::string_view text) {
        for_each_part(text, " \t\r\n,;\"'", [&](auto part) {
            if (part.size() >= long_min && !part.starts_with("-----")) add(part);
        });
    }

    // In valid JSON a string that a colon follows is a name.
    void add_json(std::string_view text, bool is_named) {
        std::string name;
        for (auto at = text.find('"'); at < text.size(); at = text.find('"', at)) {
            const auto string = text.substr(at, json_string_size(text.substr(at)));
            at += string.size();
            const auto next = text.find_first_not_of(" \t\r\n", at);
            if (next != text.npos && text[next] == ':') {
                name = json::unquoted(string);
                continue;
            }
            const auto value = json::unquoted(string);
            if (is_url(value) || names_credential(name) || !is_named) {
                add_value(name, value);
            } else if (value.contains('\n')) {
                add_lines(value);
            } else if (value.size() >= long_min) {
                add(value);
            }
        }
    }

    // The host is none.
    void add_url(std::string_view url) {
        const auto scheme = url.find("://");
        if (scheme == url.npos) return;
        url.remove_prefix(scheme + 3);
        const auto authority = url.substr(0, url.find_first_of("/?#"));
        const auto user_info = authority.substr(0, authority.rfind('@'));
        if (user_info.size() < authority.size()) {
            const auto colon = std::min(user_info.find(':'), user_info.size());
            add_of_url(user_info.substr(0, colon));
            add_of_url(user_info.substr(std::min(colon + 1, user_info.size())));
        }
        url.remove_prefix(authority.size());
        const auto path = url.substr(0, url.find_first_of("?#"));
        const auto add_long = [&](auto part) {
            if (part.size() >= long_min && !is_plain_word(part)) add_of_url(part);
        };
        for_each_part(path, "/", add_long);
        for_each_part(url.substr(path.size()), "?&;#", [&](auto pair) {
            const auto equals = pair.find('=');
            if (equals == pair.npos) return add_long(pair);
            const auto value = pair.substr(equals + 1);
            const bool is_named = names_credential(percent_decoded(pair.substr(0, equals)));
            is_named ? add_of_url(value) : add_long(value);
        });
    }

    std::vector<std::string> all_;
};

}  // namespace

std::vector<std::string> credentials_of(const Config& config) {
    return Collector(config).take();
}

bool names_credential(std::string_view name) {
    while (!name.empty()) {
        std::size_t size = 0;
        const auto goes_on = [&] {
            if (size == name.size() || !is_letter(name[size])) return false;
            return size == 0 || !is_upper(name[size]) || is_upper(name[size - 1]);
        };
        while (goes_on())
            ++size;
        const auto word = to_lower(name.substr(0, size));
        const auto ends_it = [&](auto ending) { return word.ends_with(ending); };
        if (std::ranges::any_of(endings, ends_it)) return true;
        name.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return false;
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto digits = text.substr(std::min(i + 1, text.size()), 2);
        unsigned code = 0;
        const auto read = std::from_chars(digits.begin(), digits.end(), code, 16);
        const bool is_escape = text[i] == '%' && digits.size() == 2 && read.ptr == digits.end();
        out += is_escape ? static_cast<char>(code) : text[i];
        if (is_escape) i += 2;
    }
    return out;
}

std::string json_decoded(std::string_view text) {
    constexpr std::string_view escapes = "\"\\/bfnrt";
    constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    std::string out;
    while (!text.empty()) {
        const auto plain = std::min(text.find('\\'), text.size());
        out.append(text.substr(0, plain));
        text.remove_prefix(plain);
        if (text.empty()) break;
        const auto kind = text.size() > 1 ? escapes.find(text[1]) : escapes.npos;
        if (kind != escapes.npos) {
            out += meanings[kind];
            text.remove_prefix(2);
            continue;
        }
        auto behind = text.substr(std::min<std::size_t>(2, text.size()));
        const auto code = text.starts_with("\\u") ? take_escaped(behind) : std::nullopt;
        if (code) {
            append_utf8(out, *code);
            text = behind;
        } else {
            out += '\\';
            text.remove_prefix(1);
        }
    }
    return out;
}

std::size_t json_string_size(std::string_view text) {
    std::size_t at = 1;
    while (at < text.size() && text[at] != '"')
        at += text[at] == '\\' ? 2 : 1;
    return std::min(at + 1, text.size());
}

}  // namespace gw::upstream
