#include "http/media_type.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gw::http::test {
namespace {

bool takes(const std::string& headers, std::string_view media_type) {
    const auto text = "GET / HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n";
    Head head;
    EXPECT_TRUE(parse_request(text, {}, head).value() > 0) << headers;
    return accepts(head, text, media_type);
}

TEST(accept, takes_what_a_range_names) {
    const std::vector<std::string> values{
        "text/event-stream",
        "TEXT/Event-Stream",
        "application/json, text/event-stream",
        "application/json,text/event-stream",
        " , ,text/event-stream,",
        "*/*",
        "text/*",
        "Text/*",
        "application/json;q=0.9, text/event-stream ;q=0.001",
        "text/event-stream;charset=utf-8",
        R"(text/html;a="x,y;q=0\"", text/event-stream)",
        "text/event-stream;a=\"q=0\"",
        "text/*;q=0, text/event-stream",
        "*/*;q=0, text/*",
        "text/event-stream;q=1;ext=0",
        "text/event-stream;v=1;q=0, text/event-stream",
        "text/event-stream, text/event-stream;v=1;q=0",
    };
    for (const auto& value : values)
        EXPECT_TRUE(takes("Accept: " + value + "\r\n", "text/event-stream")) << value;
    EXPECT_TRUE(takes("", "text/event-stream"));
    EXPECT_TRUE(takes("Accept: a/b\r\naccept: text/event-stream\r\n", "text/event-stream"));
}

TEST(accept, takes_nothing_else) {
    const std::vector<std::string> values{
        "",
        "application/json",
        "text/event-streams",
        "xtext/event-stream",
        "application/*",
        "text",
        "*",
        "text/event-stream;q=0",
        "text/event-stream; Q=0.000",
        "text/event-stream;v=1;q=0.0",
        "text/event-stream;q=0, */*",
        "*/*, text/*;q=0",
        "text/html;a=\"text/event-stream\"",
        "text/html;a=\", text/event-stream",
    };
    for (const auto& value : values)
        EXPECT_FALSE(takes("Accept: " + value + "\r\n", "text/event-stream")) << value;
}

TEST(media_type, is_compared_without_case_and_parameters) {
    EXPECT_TRUE(is_media_type("application/json", "application/json"));
    EXPECT_TRUE(is_media_type("Application/JSON ; charset=utf-8", "application/json"));
    EXPECT_TRUE(is_media_type("application/json;", "application/json"));
    EXPECT_FALSE(is_media_type("", "application/json"));
    EXPECT_FALSE(is_media_type("application/jsonl", "application/json"));
    EXPECT_FALSE(is_media_type("application/json, text/plain", "application/json"));
    EXPECT_FALSE(is_media_type("text/plain; application/json", "application/json"));
}

}  // namespace
}  // namespace gw::http::test
