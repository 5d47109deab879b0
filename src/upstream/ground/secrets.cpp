#include "upstream/ground/secrets.hpp"

#include "base/json.hpp"
#include "base/json_scanner.hpp"
#include "base/unicode.hpp"
#include "upstream/ground/credentials.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace gw::upstream {

namespace {

constexpr std::string_view hidden = "***";
constexpr std::string_view hidden_line = "(a line that quotes a credential)";
constexpr std::size_t detail_max = 1000;
constexpr int layers_max = 3;  // A body in a string of a message, quoted in another one.

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~").contains(c);
}

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (is_unreserved(c)) {
            out += c;
        } else {
            out.append({'%', digits[byte >> 4U], digits[byte & 0xFU]});
        }
    }
    return out;
}

std::string replaced(const std::string& text, const std::string& secret) {
    std::string out;
    std::size_t from = 0;
    for (auto at = text.find(secret); at != text.npos; at = text.find(secret, from)) {
        out.append(text, from, at - from).append(hidden);
        from = at + secret.size();
    }
    return out.append(text, from);
}

// The credentials of one server, as they are written most often, the longest first.
class Secrets {
public:
    explicit Secrets(const Config& config) : all_(credentials_of(config)) {
        std::vector<std::string> written;
        for (const auto& plain : all_) {
            const auto quoted = json::quoted(plain);
            if (quoted.size() > plain.size() + 2) {
                written.push_back(quoted.substr(1, quoted.size() - 2));
            }
            auto encoded = percent_encoded(plain);
            if (encoded.size() > plain.size()) written.push_back(std::move(encoded));
        }
        std::ranges::move(written, std::back_inserter(all_));
        std::ranges::sort(all_, [](const auto& a, const auto& b) { return a.size() > b.size(); });
    }

    std::string without(std::string_view text) const {
        return unless_encoded(plainly_without(text), &Secrets::plainly_without);
    }

    // The same for a text that may have been cut in the middle of one.
    std::string without_cut(std::string_view text) const {
        return unless_encoded(plainly_without_cut(text), &Secrets::plainly_without_cut);
    }

private:
    using Hide = std::string (Secrets::*)(std::string_view text) const;

    // `text`, which `hide` has nothing to hide in, unless that is otherwise when it is decoded: a
    // text can be written in too many ways to find where in it the credential is.
    std::string unless_encoded(std::string text, Hide hide) const {
        if (text.find_first_of("\\%") == text.npos) return text;
        const auto quotes = [&](const std::string& read) { return (this->*hide)(read) != read; };
        auto read = text;
        for (int layer = 0; layer < layers_max; ++layer) {
            auto without_escapes = json_decoded(read);
            auto decoded = percent_decoded(without_escapes);
            if (decoded == read) break;
            if (quotes(without_escapes) || quotes(decoded)) return std::string(hidden_line);
            read = std::move(decoded);
        }
        return text;
    }

    std::string plainly_without(std::string_view text) const {
        std::string out(text);
        for (const auto& secret : all_) {
            if (out.contains(secret)) out = replaced(out, secret);
        }
        return out;
    }

    std::string plainly_without_cut(std::string_view text) const {
        auto out = plainly_without(text);
        for (const auto& secret : all_)
            hide_cut(out, secret);
        return out;
    }

    // A text that was cut may end with the begin of a secret, and the rest of it begin with the end
    // of one.
    static void hide_cut(std::string& text, std::string_view secret) {
        for (auto size = std::min(secret.size() - 1, text.size()); size >= credential_min; --size) {
            if (!text.ends_with(secret.substr(0, size))) continue;
            text.replace(text.size() - size, size, hidden);
            break;
        }
        for (auto size = std::min(secret.size() - 1, text.size()); size >= credential_min; --size) {
            if (!text.starts_with(secret.substr(secret.size() - size))) continue;
            text.replace(0, size, hidden);
            break;
        }
    }

    std::vector<std::string> all_;
};

// Valid JSON, with the same structure: only strings that are values are looked at, and only those
// that quote a credential are written anew.
std::string json_without(const Secrets& secrets, std::string_view text) {
    if (!json::is_valid(text)) return secrets.without(text);
    std::string out;
    while (!text.empty()) {
        const auto start = std::min(text.find('"'), text.size());
        out.append(text.substr(0, start));
        text.remove_prefix(start);
        const auto string = text.substr(0, text.empty() ? 0 : json_string_size(text));
        text.remove_prefix(string.size());
        const auto next = std::min(text.find_first_not_of(" \t\r\n"), text.size());
        const bool is_value = !string.empty() && !text.substr(next).starts_with(':');
        const auto said = is_value ? json::unquoted(string) : std::string();
        const auto told = secrets.without(said);
        out.append(told == said ? std::string(string) : json::quoted(told));
    }
    return out;
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
    if (!error.data.empty()) error.data = json_without(secrets, error.data);
}

void hide_secrets(const Config& config, Result<mcp::Answer>& answer) {
    if (!answer) return hide_secrets(config, answer.error());
    auto* const refused = std::get_if<mcp::Refused>(&*answer);
    if (refused == nullptr) return;
    const auto said = refused->error.view();
    auto told = json_without(Secrets(config), said);
    if (told != said) refused->error = Slice(std::move(told));
}

}  // namespace gw::upstream
