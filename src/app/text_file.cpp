#include "app/text_file.hpp"

#include "base/unicode.hpp"

#include <cerrno>
#include <fstream>
#include <optional>
#include <string_view>
#include <system_error>

namespace gw::app {
namespace {

// RFC 2781; nothing when a surrogate is unpaired or half a unit is left.
std::optional<std::string> from_utf16(std::string_view bytes, bool is_little_endian) {
    if (bytes.size() % 2 != 0) return std::nullopt;
    const auto unit = [&](std::size_t at) -> char32_t {
        const char32_t first = static_cast<unsigned char>(bytes[at]);
        const char32_t second = static_cast<unsigned char>(bytes[at + 1]);
        return is_little_endian ? second << 8U | first : first << 8U | second;
    };
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += 2) {
        auto code = unit(at);
        if (code >= 0xDC00 && code < 0xE000) return std::nullopt;
        if (code >= 0xD800 && code < 0xDC00) {
            at += 2;
            const auto low = at < bytes.size() ? unit(at) : 0;
            if (low < 0xDC00 || low >= 0xE000) return std::nullopt;
            code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
        }
        append_utf8(text, code);
    }
    return text;
}

std::optional<std::string> to_utf8(std::string text) {
    const std::string_view bytes = text;
    if (bytes.starts_with("\xFF\xFE")) return from_utf16(bytes.substr(2), true);
    if (bytes.starts_with("\xFE\xFF")) return from_utf16(bytes.substr(2), false);
    if (bytes.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
    return text;
}

}  // namespace

Result<std::string> read_unnamed_file(const std::string& name, std::size_t bytes_max) {
    errno = 0;
    std::ifstream in(name, std::ios::binary);
    std::string bytes;
    std::string part(64 * 1024, '\0');
    while (in && bytes.size() <= bytes_max) {
        in.read(part.data(), static_cast<std::streamsize>(part.size()));
        bytes.append(part, 0, static_cast<std::size_t>(in.gcount()));
    }
    // The end of the file sets failbit and eofbit; a folder can be opened but not read.
    if (in.bad() || (!in && !in.eof())) {
        const auto reason = std::generic_category().message(errno != 0 ? errno : EIO);
        return fail(Errc::not_found, "cannot be read: " + reason);
    }
    if (bytes.size() > bytes_max) {
        const auto most = std::to_string(bytes_max / (1024UL * 1024));
        return fail(Errc::payload_too_large, "is larger than " + most + " MiB");
    }
    auto text = to_utf8(std::move(bytes));
    if (!text) return fail(Errc::invalid_params, "is not UTF-16, as its first bytes say");
    return std::move(*text);
}

Result<std::string> read_text_file(const std::string& name, std::size_t bytes_max) {
    auto text = read_unnamed_file(name, bytes_max);
    if (!text) text.error().text.insert(0, name + " ");
    return text;
}

}  // namespace gw::app
