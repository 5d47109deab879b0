#include "net/impl/tunnel.hpp"

#include "base/base64.hpp"

#include <array>
#include <span>

namespace gw::net::impl {

namespace {

constexpr std::string_view version = "HTTP/1.";
constexpr std::string_view head_end = "\r\n\r\n";

// status-line = HTTP-version SP status-code SP [ reason-phrase ]   (RFC 9112, 4)
constexpr std::size_t status_at = version.size() + 2;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_status_line(std::string_view line) {
    if (line.size() < status_at + 3 || !line.starts_with(version)) return false;
    const auto code = line.substr(status_at, 3);
    return is_digit(line[version.size()]) && line[status_at - 1] == ' ' && is_digit(code[0]) &&
           is_digit(code[1]) && is_digit(code[2]) &&
           (line.size() == status_at + 3 || line[status_at + 3] == ' ');
}

}  // namespace

std::string tunnel_request(const std::string& authority, std::string_view credentials) {
    auto request = "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n";
    if (!credentials.empty()) {
        request += "Proxy-Authorization: Basic " + to_base64(credentials) + "\r\n";
    }
    return request + "\r\n";
}

Result<bool> parse_tunnel_head(std::string_view received) {
    const auto end = received.find(head_end);
    if (end == std::string_view::npos) {
        if (received.size() < tunnel_head_bytes_max) return false;
        return fail(Errc::upstream_failed, "the proxy's answer is too long");
    }
    const auto line = received.substr(0, received.find("\r\n"));
    if (!is_status_line(line)) {
        return fail(Errc::upstream_failed, "the proxy does not speak HTTP/1.1");
    }
    if (line[status_at] != '2') {
        // Its words behind the status may quote what it was told: user and password.
        const auto status = std::string(line.substr(status_at, 3));
        return fail(Errc::upstream_failed, "the proxy refused the connection", "HTTP " + status);
    }
    if (end + head_end.size() != received.size()) {
        return fail(Errc::upstream_failed, "the proxy sent more than its answer");
    }
    return true;
}

Task<Result<void>> open_tunnel(
    Stream& stream, const std::string& authority, std::string_view credentials
) {
    const auto request = tunnel_request(authority, credentials);
    std::array<std::string_view, 1> parts{request};
    if (auto written = co_await stream.write_rest(parts); !written) co_return written;
    std::string head(tunnel_head_bytes_max, '\0');
    std::size_t size = 0;
    for (;;) {
        GW_CO_TRY(const auto got, co_await stream.read(std::span(head).subspan(size)));
        if (got == 0) co_return fail(Errc::upstream_failed, "the proxy closed the connection");
        size += got;
        GW_CO_TRY(const bool is_open, parse_tunnel_head(std::string_view(head).substr(0, size)));
        if (is_open) co_return Result<void>();
    }
}

}  // namespace gw::net::impl
