#include "load/wire.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/socket.h>

namespace bench {
namespace {

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

// The chunked body that begins at `begin`: its payload, and where it ends; 0 while it is
// incomplete.
std::size_t take_chunks(const std::string& in, std::size_t begin, std::string& body) {
    body.clear();
    for (std::size_t at = begin;;) {
        const auto line = in.find("\r\n", at);
        if (line == std::string::npos) return 0;
        const std::size_t size = strtoul(in.c_str() + at, nullptr, 16);
        const auto end = line + 2 + size + 2;
        if (in.size() < end) return 0;
        if (size == 0) return end;
        body.append(in, line + 2, size);
        at = end;
    }
}

}  // namespace

int listen_on(int port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    const int one = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    const auto address = loopback(port);
    if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(fd, 4096) != 0) {
        perror("listen");
        exit(1);
    }
    return fd;
}

int dial(int port) {
    const auto address = loopback(port);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        perror("connect to the gateway");
        exit(1);
    }
    const int one = 1;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

void send_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto count = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno != EAGAIN) {
            return;
        }
    }
}

std::string_view header(std::string_view head, std::string_view name) {
    for (auto at = head.find("\r\n"); at != std::string_view::npos;
         at = head.find("\r\n", at + 2)) {
        auto line = head.substr(at + 2);
        if (line.size() < name.size() || strncasecmp(line.data(), name.data(), name.size()) != 0)
            continue;
        line.remove_prefix(name.size());
        line = line.substr(0, line.find("\r\n"));
        while (!line.empty() && line.front() == ' ')
            line.remove_prefix(1);
        return line;
    }
    return {};
}

bool take_message(std::string& in, std::string& head, std::string& body) {
    const auto end = in.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    const std::string_view seen(in.data(), end + 2);
    const auto begin = end + 4;
    std::size_t size = 0;
    if (header(seen, "transfer-encoding:").starts_with("chunked")) {
        size = take_chunks(in, begin, body);
        if (size == 0) return false;
    } else {
        const auto length = header(seen, "content-length:");
        size = begin + (length.empty() ? 0 : strtoul(std::string(length).c_str(), nullptr, 10));
        if (in.size() < size) return false;
        body.assign(in, begin, size - begin);
    }
    head.assign(seen);
    in.erase(0, size);
    return true;
}

std::string_view raw_id(std::string_view body) {
    auto begin = body.find("\"id\":");
    if (begin == std::string_view::npos) return {};
    begin = body.find_first_not_of(' ', begin + 5);
    auto end = begin;
    if (body[begin] == '"') {
        end = body.find('"', begin + 1) + 1;
    } else {
        end = body.find_first_not_of("-0123456789", begin);
    }
    return body.substr(begin, end - begin);
}

bool has_method(std::string_view body, std::string_view method) {
    const std::string member = "\"method\":\"" + std::string(method) + "\"";
    if (body.contains(member)) return true;
    return body.contains("\"method\": \"" + std::string(method) + "\"");
}

std::string response(
    std::string_view content_type, std::string_view extra_headers, std::string_view body
) {
    std::string text = "HTTP/1.1 200 OK\r\nContent-Type: ";
    text.append(content_type).append("\r\n").append(extra_headers);
    text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n");
    return text.append(body);
}

}  // namespace bench
