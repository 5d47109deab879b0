#include "web/reply.hpp"

#include "support/fake_clock.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gw::test {
namespace {

using web::ReplyHead;

// What responses begin with at the beginning of time.
const web::ReplyStart& start() {
    static const FakeClock clock;
    static web::ReplyStart made;
    made.turn(clock.now(), clock);
    return made;
}

constexpr auto date = "Date: Thu, 01 Jan 1970 00:00:00 GMT|";

// The bytes of a response, its lines separated by "|".
std::string lines(const Buffer& out) {
    std::string text(out.view());
    for (std::size_t at = 0; (at = text.find("\r\n", at)) != std::string::npos;) {
        text.replace(at, 2, "|");
    }
    return text;
}

TEST(Reply, begins_with_a_head_that_says_how_long_the_body_is) {
    Buffer out;
    web::append_head(out, ReplyHead(start()), 17);
    EXPECT_EQ(
        lines(out),
        std::string("HTTP/1.1 200 OK|") + date +
            "Content-Type: application/json|Content-Length: 17||"
    );
}

TEST(Reply, says_what_belongs_to_the_request) {
    Buffer out;
    ReplyHead head(start());
    head.status = 404;
    head.more = "Mcp-Session-Id: 0-0-x\r\nRetry-After: 1\r\n";
    head.origin = "http://localhost:5173";
    head.exposed = "Mcp-Session-Id, WWW-Authenticate";
    head.keeps_alive = false;
    web::append_head(out, head, 0);
    EXPECT_EQ(
        lines(out),
        std::string("HTTP/1.1 404 Not Found|") + date +
            "Content-Type: application/json|Mcp-Session-Id: 0-0-x|Retry-After: "
            "1|"
            "Access-Control-Allow-Origin: http://localhost:5173|"
            "Access-Control-Expose-Headers: Mcp-Session-Id, WWW-Authenticate|Vary: Origin|"
            "Connection: close|Content-Length: 0||"
    );
}

TEST(Reply, without_content_has_no_length) {
    Buffer out;
    ReplyHead head(start());
    head.status = 204;
    head.content_type = {};
    web::append_head(out, head, 0);
    EXPECT_EQ(lines(out), std::string("HTTP/1.1 204 No Content|") + date + "|");
}

TEST(Reply, a_stream_is_neither_stored_nor_held_back_on_the_way) {
    Buffer out;
    ReplyHead head(start());
    head.content_type = "text/event-stream";
    web::append_stream_head(out, head);
    EXPECT_EQ(
        lines(out),
        std::string("HTTP/1.1 200 OK|") + date +
            "Content-Type: text/event-stream|Cache-Control: no-cache, no-transform|"
            "X-Accel-Buffering: no|Transfer-Encoding: chunked||"
    );
}

TEST(Reply, has_the_date_of_the_second_in_which_it_is_made) {
    FakeClock clock;
    web::ReplyStart made;
    made.turn(clock.now(), clock);
    const std::string first(made.date());
    EXPECT_EQ(first, "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n");
    clock.pass(std::chrono::milliseconds(999));
    made.turn(clock.now(), clock);
    EXPECT_EQ(made.date(), first);
    clock.pass(std::chrono::milliseconds(1));
    made.turn(clock.now(), clock);
    EXPECT_EQ(made.date(), "Date: Thu, 01 Jan 1970 00:00:01 GMT\r\n");
}

}  // namespace
}  // namespace gw::test
