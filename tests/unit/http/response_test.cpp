#include "http/head.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gw::http::test {
namespace {

std::string parse(std::string_view text, Method method = Method::post) {
    Head head;
    const auto size = parse_response(text, method, {}, head);
    if (!size) return std::string(to_string(size.error().kind));
    if (*size == 0) return "more";
    EXPECT_EQ(*size, text.find("\r\n\r\n") + 4);
    auto line = std::to_string(head.status);
    if (head.body == BodyKind::chunked) line += " chunked";
    if (head.body == BodyKind::sized) line += " sized " + std::to_string(head.content_length);
    if (head.body == BodyKind::until_close) line += " until_close";
    return line + (head.keeps_alive ? "" : " close");
}

TEST(response, has_a_body_by_status_method_and_headers) {
    const std::string size = "Content-Length: 5\r\n\r\n";
    const std::string chunked = "Transfer-Encoding: chunked\r\n\r\n";
    const std::vector<std::pair<std::string, std::string>> cases{
        {"HTTP/1.1 200 OK\r\n" + size, "200 sized 5"},
        {"HTTP/1.1 200 OK\r\n" + chunked, "200 chunked"},
        {"HTTP/1.1 200 OK\r\nConnection: close\r\n" + size, "200 sized 5 close"},
        {"HTTP/1.1 200 OK\r\n\r\n", "200 until_close close"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "200 sized 0"},
        {"HTTP/1.0 200 OK\r\n" + size, "200 sized 5 close"},
        {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" + size, "200 sized 5"},
        {"HTTP/1.0 200 OK\r\n\r\n", "200 until_close close"},
        {"HTTP/1.1 204 No Content\r\n\r\n", "204"},
        {"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", "204"},
        {"HTTP/1.1 304 Not Modified\r\n" + size, "304"},
        {"HTTP/1.1 304 Not Modified\r\n" + chunked, "304"},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "100"},
        {"HTTP/1.1 404 \r\n" + size, "404 sized 5"},
        {"HTTP/1.1 404\r\n" + size, "404 sized 5"},
        {"HTTP/1.1 500 Intern\xc3\xa9 error\tx\r\n" + size, "500 sized 5"},
        {"HTTP/1.1 999 ?\r\n" + size, "999 sized 5"},
    };
    for (const auto& [text, expected] : cases)
        EXPECT_EQ(parse(text), expected) << text;
    EXPECT_EQ(parse("HTTP/1.1 200 OK\r\n" + size, Method::head), "200");
    EXPECT_EQ(parse("HTTP/1.1 200 OK\r\n\r\n", Method::head), "200");
}

TEST(response, refuses_what_two_readers_could_read_in_two_ways) {
    const std::string line = "HTTP/1.1 200 OK\r\n";
    const std::vector<std::string> cases{
        line + "Content-Length: 5\r\nContent-Length: 5\r\n\r\n",
        line + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        line + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
        line + "Transfer-Encoding: gzip, chunked\r\n\r\n",
        line + "Content-Type: a/b\r\nContent-Type: a/b\r\n\r\n",
        line + "Mcp-Session-Id: a\r\nMcp-Session-Id: a\r\n\r\n",
        line + "X: y\nZ: z\r\n\r\n",
        line + "X : y\r\n\r\n",
        line + " X: y\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 2x0 OK\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/1.1  200 OK\r\n\r\n",
        "HTTP/1.1\t200 OK\r\n\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",
        "ICY 200 OK and more\r\n\r\n",
        "HTTP/1.1 200 O\x01K\r\n\r\n",
        "HTTP/1.1 200 OK\n\r\n\r\n",
        "HTTP/1.1 200 OK\rX: y\r\n\r\n",
        "\r\nHTTP/1.1 200 OK\r\n\r\n",
    };
    for (const auto& text : cases)
        EXPECT_EQ(parse(text), "malformed") << text;
}

TEST(response, takes_repeated_headers_that_do_not_decide) {
    const std::string text = "HTTP/1.1 405 No\r\nAllow: GET\r\nAllow: POST\r\nMcp-X: 1\r\nMcp-X: 2";
    EXPECT_EQ(parse(text + "\r\nContent-Length: 0\r\n\r\n"), "405 sized 0");
}

TEST(response, asks_for_more_at_every_cut) {
    const std::string text = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
    for (std::size_t size = 0; size < text.size(); ++size) {
        const std::vector<char> cut(text.begin(), text.begin() + static_cast<long>(size));
        EXPECT_EQ(parse({cut.data(), cut.size()}), "more") << size;
    }
}

}  // namespace
}  // namespace gw::http::test
