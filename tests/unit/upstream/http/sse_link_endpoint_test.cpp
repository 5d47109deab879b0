#include "upstream/http/sse_link_endpoint.hpp"

#include <gtest/gtest.h>

namespace gw::upstream {
namespace {

std::string resolved(std::string_view reference, StreamUrl stream) {
    const auto path = resolve_endpoint(reference, stream);
    return path ? *path : path.error().detail;
}

const StreamUrl stream{.is_tls = false, .authority = "host:8000", .path = "/a/sse?x=1"};

TEST(resolve_endpoint, follows_references_on_the_same_server) {
    EXPECT_EQ(resolved("/messages/?id=1", stream), "/messages/?id=1");
    EXPECT_EQ(resolved("messages?id=1:2", stream), "/a/messages?id=1:2");
    EXPECT_EQ(resolved("./messages", stream), "/a/messages");
    EXPECT_EQ(resolved("?id=1", stream), "/a/sse?id=1");
    EXPECT_EQ(resolved("HTTP://HOST:8000/m?id=1#f", stream), "/m?id=1");
    EXPECT_EQ(resolved("http://host:8000?id=1", stream), "/?id=1");
    EXPECT_EQ(resolved("http://h:80/m", {.authority = "h", .path = "/"}), "/m");
    EXPECT_EQ(resolved("https://h/m", {.is_tls = true, .authority = "h:443", .path = "/"}), "/m");
}

TEST(resolve_endpoint, leads_to_no_other_server) {
    for (const auto* reference :
         {"http://evil:8000/m",
          "http://host:8001/m",
          "http://host/m",
          "http://host:8000@evil/m",
          "http://user@host:8000/m",
          "//evil/m",
          "//host:8000/m",
          "http:///m"}) {
        EXPECT_EQ(resolved(reference, stream), "it is on another server") << reference;
    }
    EXPECT_EQ(resolved("https://host:8000/m", stream), "it has another scheme");
    EXPECT_EQ(resolved("file:/etc/passwd", stream), "it has another scheme");
}

TEST(resolve_endpoint, refuses_what_would_break_or_bend_the_request) {
    EXPECT_EQ(resolved("/a/../b", stream), "it has a \".\" or \"..\" in its path");
    EXPECT_EQ(resolved("../b", stream), "it has a \".\" or \"..\" in its path");
    for (const auto* reference : {"", "#f", "/m HTTP/1.1", "/m\r\nHost: x", "/m\\x", "/\xC3\xA4"}) {
        EXPECT_EQ(
            resolved(reference, stream),
            "it is empty or has characters that are not allowed in a URL"
        );
    }
}

}  // namespace
}  // namespace gw::upstream
