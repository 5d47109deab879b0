#include "http/head.hpp"

#include "base/ascii.hpp"
#include "http/impl/scan.hpp"
#include "http/impl/tokens.hpp"
#include "http/text.hpp"

#include <cstring>
#include <initializer_list>
#include <string>
#include <utility>

namespace gw::http {

namespace {

constexpr std::uint32_t bit(Field field) {
    return 1U << static_cast<unsigned>(field);
}

constexpr std::uint32_t bits(std::initializer_list<Field> fields) {
    std::uint32_t set = 0;
    for (const auto field : fields)
        set |= bit(field);
    return set;
}

static_assert(field_count <= 32);

// What decides about a request stands once, or another reader could take another one of the two.
constexpr std::uint32_t single_in_requests = ~bits(
    {Field::accept,
     Field::user_agent,
     Field::connection,
     Field::keep_alive,
     Field::allow,
     Field::access_control_request_method,
     Field::access_control_request_headers}
);
constexpr std::uint32_t single_in_responses = bits(
    {Field::content_length, Field::transfer_encoding, Field::content_type, Field::mcp_session_id}
);

// RFC 9110, 9.1: the method is case-sensitive.
Method to_method(std::string_view text) {
    switch (text.size()) {
        case 3:
            if (text == "GET") return Method::get;
            if (text == "PUT") return Method::put;
            break;
        case 4:
            if (text == "POST") return Method::post;
            if (text == "HEAD") return Method::head;
            break;
        case 5:
            if (text == "PATCH") return Method::patch;
            break;
        case 6:
            if (text == "DELETE") return Method::delete_;
            break;
        case 7:
            if (text == "OPTIONS") return Method::options;
            break;
        default: break;
    }
    return Method::other;
}

// Headers that we do not know yet but that decide like the ones we know.
bool has_deciding_prefix(std::string_view name) {
    const char first = name.empty() ? '\0' : static_cast<char>(name.front() | 0x20);
    if (first != 'm' && first != 'x') return false;
    const auto begins_with = [name](std::string_view prefix) {
        return name.size() >= prefix.size() &&
               equal_ignoring_case(name.substr(0, prefix.size()), prefix);
    };
    return begins_with("mcp-") || begins_with("x-upstream-");
}

}  // namespace

namespace impl {

// One pass over one head. Its steps return false to stop: because something was refused, or else
// because the text ended too early.
class HeadParser {
public:
    HeadParser(std::string_view text, const HeadLimits& limits, Head& head)
        : limits_(limits),
          head_(head),
          text_(text.substr(0, limits.bytes_max)),
          at_(text_.data()),
          end_(text_.data() + text_.size()) {
        GW_ASSERT(limits.headers_max <= HeadLimits::headers_cap);
        head_.count_ = 0;
        head_.slots_.fill(0);
        head_.method_ = Method::other;
        head_.target = {};
        head_.status = 0;
    }

    bool request() { return request_line() && fields<true>() && settle_request(); }

    bool response(Method request_method) {
        return status_line() && fields<false>() && settle_response(request_method);
    }

    // What a parse comes to that stopped (`is_whole` is false) or came to the end of the head.
    Result<std::size_t> outcome(bool is_whole) {
        if (is_whole) return static_cast<std::size_t>(at_ - text_.data());
        if (!refusal_.empty()) return fail(refusal_kind_, std::move(refusal_));
        if (text_.size() == limits_.bytes_max) {
            return fail(
                Errc::payload_too_large,
                "the head is longer than " + std::to_string(limits_.bytes_max) + " bytes"
            );
        }
        return std::size_t{0};
    }

private:
    bool request_line();
    bool version();
    bool status_line();

    template <bool is_request>
    bool fields();

    // Inlined by force: most of the work is in their loop, and the compiler sees two callers.
    template <bool is_request>
    [[gnu::always_inline]] bool field(const char*& at);
    template <bool is_request>
    [[gnu::always_inline]] bool add(std::string_view name, std::string_view value);

    bool check_unknown(std::string_view name, bool is_request);
    bool refuse_count();
    void note_connection(std::string_view value);

    bool settle_request();
    bool settle_response(Method request_method);
    bool settle_framing();

    bool refuse(std::string why, Errc kind = Errc::malformed) {
        refusal_ = std::move(why);
        refusal_kind_ = kind;
        return false;
    }

    std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

    bool is_at(std::string_view expected) const {
        return std::memcmp(at_, expected.data(), expected.size()) == 0;
    }

    Span span(std::string_view part) const {
        return {
            static_cast<std::uint32_t>(part.data() - text_.data()),
            static_cast<std::uint32_t>(part.size())
        };
    }

    const HeadLimits& limits_;
    Head& head_;
    std::string_view text_;
    const char* at_;
    const char* end_;
    bool has_close_ = false;
    bool has_keep_alive_ = false;
    Errc refusal_kind_ = Errc::malformed;
    std::string refusal_;
};

// RFC 9112, 3: request-line = method SP request-target SP HTTP-version, and 2.2: one empty line
// before it is ignored.
bool HeadParser::request_line() {
    if (left() >= 1 && *at_ == '\r') {
        if (left() < 2) return false;
        if (at_[1] != '\n') return refuse("bare CR before the request line");
        at_ += 2;
    }
    const auto* const method = at_;
    at_ = find<NotVisible>(at_, end_);
    if (at_ == end_) return false;
    const std::string_view method_text(method, at_);
    head_.method_text_ = span(method_text);
    head_.method_ = to_method(method_text);
    if (*at_ != ' ' || (head_.method_ == Method::other && !is_token(method_text))) {
        return refuse("malformed method");
    }

    const auto* const target = ++at_;
    at_ = find<NotVisible>(at_, end_);
    if (at_ == end_) return false;
    head_.target = span({target, at_});
    if (*at_ != ' ' || !head_.target) return refuse("malformed request target");
    ++at_;
    return version();
}

// RFC 9112, 2.3: HTTP-version = HTTP-name "/" DIGIT "." DIGIT. A higher minor version is taken for
// the highest that we know (RFC 9110, 2.5).
bool HeadParser::version() {
    constexpr std::string_view line_rest = "HTTP/1.1\r\n";
    if (left() < line_rest.size()) return false;
    head_.is_http11 = is_at(line_rest);
    if (!head_.is_http11 && !is_at("HTTP/1.0\r\n")) {
        const char major = at_[5];
        const char minor = at_[7];
        const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
        const bool is_version = is_at("HTTP/") && is_digit(major) && at_[6] == '.' &&
                                is_digit(minor) && at_[8] == '\r' && at_[9] == '\n';
        if (!is_version || major == '0') return refuse("malformed HTTP version");
        if (major != '1') {
            return refuse("only HTTP/1.1 and HTTP/1.0 are spoken here", Errc::unsupported_version);
        }
        head_.is_http11 = true;
    }
    at_ += line_rest.size();
    return true;
}

// RFC 9112, 4: status-line = HTTP-version SP status-code SP [ reason-phrase ]. The second space is
// missing in answers of some servers.
bool HeadParser::status_line() {
    constexpr std::string_view version = "HTTP/1.1 ";
    constexpr std::size_t digits = 3;
    if (left() < version.size() + digits + 1) return false;
    head_.is_http11 = is_at(version);
    if (!head_.is_http11 && !is_at("HTTP/1.0 ")) return refuse("malformed HTTP version");
    at_ += version.size();
    head_.status = 0;
    for (const auto* const end = at_ + digits; at_ != end; ++at_) {
        if (*at_ < '0' || *at_ > '9') return refuse("malformed status code");
        head_.status = head_.status * 10 + (*at_ - '0');
    }
    if (head_.status < 100) return refuse("malformed status code");
    if (*at_ != ' ' && *at_ != '\r') return refuse("malformed status line");
    at_ = find<Control>(at_, end_);
    if (left() < 2) return false;
    if (!is_at("\r\n")) return refuse("control byte in the status line");
    at_ += 2;
    return true;
}

template <bool is_request>
bool HeadParser::fields() {
    for (const auto* at = at_;;) {
        if (end_ - at < 2) return false;
        if (*at == '\r') {
            if (at[1] != '\n') return refuse("bare CR between headers");
            at_ = at + 2;
            return true;
        }
        if (!field<is_request>(at)) return false;
    }
}

// RFC 9112, 5: field-line = field-name ":" OWS field-value OWS. No space before the colon (5.1),
// no line that continues another one (5.2).
template <bool is_request>
inline bool HeadParser::field(const char*& at) {
    const auto* const name = at;
    const auto* const colon = find<NameEnd>(name, end_);
    if (colon == end_) return false;
    if (*colon != ':' || colon == name) return refuse("malformed header name");
    const auto* value = colon + 1;
    while (value != end_ && (*value == ' ' || *value == '\t'))
        ++value;
    const auto* const line_end = find<Control>(value, end_);
    if (end_ - line_end < 2) return false;
    if (line_end[0] != '\r' || line_end[1] != '\n') return refuse("control byte in a header");
    const auto* value_end = line_end;
    while (value_end != value && (value_end[-1] == ' ' || value_end[-1] == '\t'))
        --value_end;
    at = line_end + 2;
    return add<is_request>({name, colon}, {value, value_end});
}

template <bool is_request>
inline bool HeadParser::add(std::string_view name, std::string_view value) {
    constexpr auto single = is_request ? single_in_requests : single_in_responses;
    if (head_.count_ == limits_.headers_max) return refuse_count();
    const auto known = field_of(name);
    if (known == Field::count) {
        if (!check_unknown(name, is_request)) return false;
    } else {
        auto& slot = head_.slots_[static_cast<std::size_t>(known)];
        if (slot == 0) {
            slot = static_cast<std::uint8_t>(head_.count_ + 1);
        } else if ((single & bit(known)) != 0) {
            return refuse("the header " + std::string(to_string(known)) + " is repeated");
        }
        if (known == Field::connection) note_connection(value);
    }
    head_.headers_[head_.count_++] = {.name = span(name), .value = span(value)};
    return true;
}

bool HeadParser::refuse_count() {
    return refuse(
        "more than " + std::to_string(limits_.headers_max) + " headers", Errc::payload_too_large
    );
}

bool HeadParser::check_unknown(std::string_view name, bool is_request) {
    if (!is_token(name)) return refuse("malformed header name");
    if (!is_request || !has_deciding_prefix(name)) return true;
    for (const auto& header : head_.headers()) {
        if (equal_ignoring_case(header.name.of(text_), name)) {
            return refuse("an mcp or upstream header is repeated");
        }
    }
    return true;
}

// RFC 9110, 7.6.1: Connection = [ connection-option *( OWS "," OWS connection-option ) ]
void HeadParser::note_connection(std::string_view value) {
    if (value == "keep-alive") {  // What nearly everyone sends.
        has_keep_alive_ = true;
        return;
    }
    while (!value.empty()) {
        const auto comma = value.find(',');
        const auto option = trim(value.substr(0, comma));
        if (equal_ignoring_case(option, "close")) has_close_ = true;
        if (equal_ignoring_case(option, "keep-alive")) has_keep_alive_ = true;
        if (comma == std::string_view::npos) return;
        value.remove_prefix(comma + 1);
    }
}

bool HeadParser::settle_request() {
    if (head_.is_http11 && !head_.has(Field::host)) return refuse("the header host is missing");
    head_.expects_continue = head_.is_http11 && head_.has(Field::expect) &&
                             equal_ignoring_case(head_.value(Field::expect, text_), "100-continue");
    return settle_framing();
}

// RFC 9112, 6.3, for responses.
bool HeadParser::settle_response(Method request_method) {
    head_.expects_continue = false;
    if (!settle_framing()) return false;
    const bool is_never_followed_by_body = head_.status < 200 || head_.status == 204;
    const bool claims_body = head_.body == BodyKind::chunked || head_.content_length != 0;
    if (is_never_followed_by_body && claims_body) {
        return refuse("a body where the status allows none");
    }
    if (is_never_followed_by_body || head_.status == 304 || request_method == Method::head) {
        head_.body = BodyKind::none;
        head_.content_length = 0;
    } else if (head_.body == BodyKind::none) {
        head_.body = BodyKind::until_close;
        head_.keeps_alive = false;
    }
    return true;
}

// RFC 9112, 6: the body by Transfer-Encoding or by Content-Length, never both, and 9.3.
bool HeadParser::settle_framing() {
    head_.keeps_alive = !has_close_ && (head_.is_http11 || has_keep_alive_);
    head_.body = BodyKind::none;
    head_.content_length = 0;
    if (head_.has(Field::transfer_encoding)) {
        if (head_.has(Field::content_length)) return refuse("both a length and an encoding");
        if (!head_.is_http11) return refuse("a transfer encoding in HTTP/1.0");
        if (!equal_ignoring_case(head_.value(Field::transfer_encoding, text_), "chunked")) {
            return refuse("a transfer encoding other than chunked");
        }
        head_.body = BodyKind::chunked;
        return true;
    }
    if (!head_.has(Field::content_length)) return true;
    // RFC 9110, 8.6: Content-Length = 1*DIGIT
    const auto digits = head_.value(Field::content_length, text_);
    constexpr std::size_t digits_max = 18;  // So that it cannot overflow.
    if (digits.empty() || digits.size() > digits_max) return refuse("malformed content-length");
    for (const char digit : digits) {
        if (digit < '0' || digit > '9') return refuse("malformed content-length");
        head_.content_length = head_.content_length * 10 + static_cast<std::uint64_t>(digit - '0');
    }
    head_.body = BodyKind::sized;
    return true;
}

}  // namespace impl

Result<std::size_t> parse_request(std::string_view text, const HeadLimits& limits, Head& head) {
    impl::HeadParser parser(text, limits, head);
    return parser.outcome(parser.request());
}

Result<std::size_t> parse_response(
    std::string_view text, Method request_method, const HeadLimits& limits, Head& head
) {
    impl::HeadParser parser(text, limits, head);
    return parser.outcome(parser.response(request_method));
}

}  // namespace gw::http
