#include "http/text.hpp"

#include <array>
#include <charconv>
#include <chrono>

namespace gw::http {

namespace {

void append_in_base(Buffer& out, std::uint64_t number, int base) {
    const auto room = out.prepare(20);
    const auto written = std::to_chars(room.data(), room.data() + room.size(), number, base);
    out.commit(static_cast<std::size_t>(written.ptr - room.data()));
}

void append_two_digits(Buffer& out, std::int64_t number) {
    const std::array<char, 2> digits{
        static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)
    };
    out.append({digits.data(), digits.size()});
}

}  // namespace

std::string_view trim(std::string_view text) {
    const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && is_space(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    return text;
}

std::string_view reason(int status) {
    switch (status) {
        case 100: return "Continue";
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 301: return "Moved Permanently";
        case 302: return "Found";
        case 303: return "See Other";
        case 304: return "Not Modified";
        case 307: return "Temporary Redirect";
        case 308: return "Permanent Redirect";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 406: return "Not Acceptable";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 411: return "Length Required";
        case 412: return "Precondition Failed";
        case 413: return "Content Too Large";
        case 414: return "URI Too Long";
        case 415: return "Unsupported Media Type";
        case 417: return "Expectation Failed";
        case 421: return "Misdirected Request";
        case 422: return "Unprocessable Content";
        case 426: return "Upgrade Required";
        case 428: return "Precondition Required";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 502: return "Bad Gateway";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        case 505: return "HTTP Version Not Supported";
        default: return "";
    }
}

void append_number(Buffer& out, std::uint64_t number) {
    append_in_base(out, number, 10);
}

void append_hex(Buffer& out, std::uint64_t number) {
    append_in_base(out, number, 16);
}

void append_date(Buffer& out, WallTime when) {
    using namespace std::chrono;
    static constexpr std::string_view days = "SunMonTueWedThuFriSat";
    static constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const auto midnight = floor<std::chrono::days>(when);
    const year_month_day date(midnight);
    const hh_mm_ss time(floor<seconds>(when - midnight));
    out.append(days.substr(3UL * weekday(midnight).c_encoding(), 3)).append(", ");
    append_two_digits(out, static_cast<unsigned>(date.day()));
    out.append(" ").append(months.substr(3UL * (static_cast<unsigned>(date.month()) - 1), 3));
    out.append(" ");
    append_number(out, static_cast<std::uint64_t>(static_cast<int>(date.year())));
    out.append(" ");
    append_two_digits(out, time.hours().count());
    out.append(":");
    append_two_digits(out, time.minutes().count());
    out.append(":");
    append_two_digits(out, time.seconds().count());
    out.append(" GMT");
}

}  // namespace gw::http
