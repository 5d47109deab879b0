// Whatever our strict parser takes, http-parser takes too, and reads the same message.
#include "base/ascii.hpp"
#include "http/head.hpp"
#include "http/target.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <http_parser.h>
#include <string>
#include <string_view>

namespace gw::http {
namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

struct Oracle {
    std::string target;
    bool has_head = false;
    bool is_chunked = false;
    bool is_complete = false;
    std::uint64_t length = 0;
    std::string method;
    unsigned status = 0;
};

int add_target(http_parser* parser, const char* bytes, std::size_t size) {
    static_cast<Oracle*>(parser->data)->target.append(bytes, size);
    return 0;
}

int end_head(http_parser* parser) {
    auto& oracle = *static_cast<Oracle*>(parser->data);
    oracle.has_head = true;
    oracle.is_chunked = (parser->flags & F_CHUNKED) != 0;
    oracle.length = parser->content_length == UINT64_MAX ? 0 : parser->content_length;
    oracle.status = parser->status_code;
    oracle.method = http_method_str(static_cast<http_method>(parser->method));
    return 0;
}

int end_message(http_parser* parser) {
    static_cast<Oracle*>(parser->data)->is_complete = true;
    return 0;
}

Oracle ask(std::string_view text, http_parser_type type) {
    // After a length or a coding http-parser 2.9 knows spaces only. A tab there is white space as
    // well (RFC 9110, 5.6.3), and in a head it stands nowhere else that decides.
    std::string spaced(text);
    std::ranges::replace(spaced, '\t', ' ');
    Oracle oracle;
    http_parser parser;
    http_parser_init(&parser, type);
    parser.data = &oracle;
    http_parser_settings settings;
    http_parser_settings_init(&settings);
    settings.on_url = add_target;
    settings.on_headers_complete = end_head;
    settings.on_message_complete = end_message;
    http_parser_execute(&parser, &settings, spaced.data(), spaced.size());
    return oracle;
}

BodyKind body_of(const Oracle& oracle, bool has_length) {
    if (oracle.is_chunked) return BodyKind::chunked;
    if (has_length) return BodyKind::sized;
    return oracle.is_complete ? BodyKind::none : BodyKind::until_close;
}

// http-parser 2.9 takes a name that only begins with Transfer-Encoding for it.
bool misleads_oracle(const Head& head, std::string_view text) {
    constexpr std::string_view name = "transfer-encoding";
    return std::ranges::any_of(head.headers(), [&](const Header& header) {
        return header.name.size > name.size() &&
               equal_ignoring_case(header.name.of(text).substr(0, name.size()), name);
    });
}

void check_request(std::string_view text) {
    Head head;
    const auto size = parse_request(text, {}, head);
    if (!size || *size == 0 || !parse_target(head.target.of(text))) return;
    if (head.method() == Method::other) return;  // It knows a fixed list.
    if (misleads_oracle(head, text)) return;
    const auto oracle = ask(text.substr(0, *size), HTTP_REQUEST);
    require(oracle.has_head);
    require(oracle.method == head.method_text(text));
    require(oracle.target == head.target.of(text));
    require(oracle.length == head.content_length);
    require(body_of(oracle, head.has(Field::content_length)) == head.body);
}

void check_response(std::string_view text) {
    Head head;
    const auto size = parse_response(text, Method::get, {}, head);
    if (!size || *size == 0 || misleads_oracle(head, text)) return;
    const auto oracle = ask(text.substr(0, *size), HTTP_RESPONSE);
    require(oracle.has_head);
    require(oracle.status == static_cast<unsigned>(head.status));
    // It leaves to its user what these mean.
    if (head.status < 200 || head.status == 204 || head.status == 304) return;
    require(oracle.length == head.content_length);
    require(body_of(oracle, head.has(Field::content_length)) == head.body);
}

// A head that is cut anywhere asks for more or is refused as the whole one would be.
void check_cut(std::string_view text) {
    Head head;
    const auto whole = parse_request(text, {}, head);
    const auto cut = parse_request(text.substr(0, text.size() / 2), {}, head);
    if (!cut) require(!whole && cut.error() == whole.error());
    if (cut && *cut != 0) require(whole && *whole == *cut);
}

}  // namespace
}  // namespace gw::http

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer calls it so.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    gw::http::check_request(text);
    gw::http::check_response(text);
    gw::http::check_cut(text);
    return 0;
}
