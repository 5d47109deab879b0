#include "upstream/ground/secrets.hpp"

#include "base/ascii.hpp"
#include "base/base64.hpp"
#include "base/json.hpp"
#include "base/json_scanner.hpp"
#include "base/unicode.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <utility>
#include <vector>

namespace gw::upstream {

namespace {

constexpr std::string_view hidden = "***";
constexpr std::size_t secret_min = 6;
constexpr std::size_t long_min = 16;  // Of what is a secret only if it looks like one.
constexpr std::size_t detail_max = 1000;

// Variables that every child has; their values say nothing.
constexpr std::array<std::string_view, 4> open_variables{"PATH", "HOME", "LANG", "TMPDIR"};

// Schemes of Authorization, of which the secret stands behind them.
constexpr std::array<std::string_view, 2> schemes{"Bearer", "Digest"};

constexpr std::string_view basic = "Basic ";

// What names of variables with secrets hold.
constexpr std::array<std::string_view, 7> secret_words{
    "auth", "cred", "key", "pass", "pwd", "secret", "token"
};

// A word of small letters, or a path: what a server writes in any case, such as
// NODE_ENV=production.
bool is_plain(std::string_view value) {
    constexpr std::string_view of_words = "abcdefghijklmnopqrstuvwxyz-_";
    if (value.find_first_not_of(of_words) == value.npos) return true;
    return value.starts_with('/') && value.find_first_of("@=?&:") == value.npos;
}

bool may_be_secret(std::string_view name, std::string_view value) {
    const auto in_name = [name = to_lower(name)](auto word) { return name.contains(word); };
    return std::ranges::any_of(secret_words, in_name) || !is_plain(value);
}

bool is_in(std::span<const std::string_view> names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
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

// The secrets of one server, the longest first.
class Secrets {
public:
    explicit Secrets(const Config& config) {
        for (const auto& [name, value] : config.headers) {
            add(value);
            add_parts(value, " ", secret_min);
            add_parts(value, " \t,;=\"", secret_min);
            if (value.starts_with(basic)) add_credentials(value.substr(basic.size()));
        }
        add_url(config.url);
        for (const auto& [name, value] : config.env) {
            if (is_in(open_variables, name) || !may_be_secret(name, value)) continue;
            add(value);
            add_parts(value, " \t\r\n,;={}[]()\"'", long_min);
        }
        std::ranges::sort(all_, [](const auto& a, const auto& b) { return a.size() > b.size(); });
    }

    std::string without(std::string_view text) const {
        std::string out(text);
        for (const auto& secret : all_)
            out = replaced(out, secret);
        return out;
    }

    // The same for a text that may have been cut in the middle of one.
    std::string without_cut(std::string_view text) const {
        auto out = without(text);
        hide_cut(out);
        return out;
    }

private:
    void add(std::string_view secret) {
        if (secret.size() < secret_min || is_in(schemes, secret)) return;
        all_.emplace_back(secret);
        const auto escaped = json::quoted(secret);
        if (escaped.size() > secret.size() + 2) {
            all_.push_back(escaped.substr(1, escaped.size() - 2));
        }
    }

    void add_parts(std::string_view text, std::string_view separators, std::size_t least) {
        while (!text.empty()) {
            const auto end = std::min(text.find_first_of(separators), text.size());
            if (end >= least) add(text.substr(0, end));
            text.remove_prefix(std::min(end + 1, text.size()));
        }
    }

    // RFC 7617: user and password, in base64.
    void add_credentials(std::string_view encoded) {
        const auto credentials = from_base64(encoded).value_or("");
        add(credentials.substr(std::min(credentials.find(':') + 1, credentials.size())));
    }

    // The host is none.
    void add_url(std::string_view url) {
        const auto scheme = url.find("://");
        if (scheme == url.npos) return;
        url.remove_prefix(scheme + 3);
        const auto authority = url.substr(0, url.find_first_of("/?#"));
        const auto user_end = authority.rfind('@');
        if (user_end != url.npos) add_parts(authority.substr(0, user_end), ":", secret_min);
        url.remove_prefix(authority.size());
        const auto path = url.substr(0, url.find('?'));
        add_parts(path, "/", long_min);
        if (path.size() == url.size()) return;
        const auto query = url.substr(path.size() + 1);
        add_parts(query, "&=#", secret_min);
        add_parts(percent_decoded(query), "&=#", secret_min);
    }

    static std::string replaced(const std::string& text, const std::string& secret) {
        std::string out;
        std::size_t from = 0;
        for (auto at = text.find(secret); at != text.npos; at = text.find(secret, from)) {
            out.append(text, from, at - from).append(hidden);
            from = at + secret.size();
        }
        return from == 0 ? text : out.append(text, from);
    }

    // A text that was cut may end with the begin of a secret, and the rest of it begin with the end
    // of one.
    void hide_cut(std::string& text) const {
        for (const auto& secret : all_) {
            const auto most = std::min(secret.size() - 1, text.size());
            for (auto size = most; size >= secret_min; --size) {
                if (!text.ends_with(std::string_view(secret).substr(0, size))) continue;
                text.replace(text.size() - size, size, hidden);
                break;
            }
            for (auto size = std::min(most, text.size()); size >= secret_min; --size) {
                if (!text.starts_with(std::string_view(secret).substr(secret.size() - size)))
                    continue;
                text.replace(0, size, hidden);
                break;
            }
        }
    }

    std::vector<std::string> all_;
};

// A secret may be digits only, and have stood for a number.
std::string json_without(
    const Secrets& secrets, std::string_view text, std::string_view otherwise
) {
    auto out = secrets.without(text);
    if (out == text) return out;
    json::Scanner scanner(out);
    const bool is_json = scanner.value().size() == out.size();
    return is_json ? out : std::string(otherwise);
}

}  // namespace

std::string without_secrets(const Config& config, std::string_view text) {
    return Secrets(config).without_cut(text);
}

void hide_secrets(const Config& config, Error& error) {
    const Secrets secrets(config);
    error.text = secrets.without(error.text);
    error.detail = secrets.without_cut(error.detail);
    if (error.detail.size() > detail_max) error.detail = utf8_prefix(error.detail, detail_max);
    if (!error.data.empty()) error.data = json_without(secrets, error.data, "");
}

void hide_secrets(const Config& config, Result<mcp::Answer>& answer) {
    if (!answer) return hide_secrets(config, answer.error());
    auto* const refused = std::get_if<mcp::Refused>(&*answer);
    if (refused == nullptr) return;
    const auto said = refused->error.view();
    auto told = json_without(
        Secrets(config),
        said,
        R"({"code":-32603,"message":"the server's error quotes a secret, and is not shown"})"
    );
    if (told != said) refused->error = Slice(std::move(told));
}

}  // namespace gw::upstream
