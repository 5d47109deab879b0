#include "transport/reply.hpp"

#include "requests.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gw::test {
namespace {

using transport::ReplyHead;

// What responses begin with at the beginning of time.
const transport::ReplyStart& start() {
    static const FakeClock clock;
    static transport::ReplyStart made;
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

std::string failure(const Error& error, std::string_view id) {
    Buffer out;
    transport::append_failure(out, ReplyHead(start()), error, id);
    return lines(out);
}

TEST(Reply, a_failure_says_back_little_of_what_the_client_sent) {
    const std::string large(100'000, 'x');
    const Error error{Errc::resource_not_found, large, {}, "{\"uri\":\"" + large + "\"}"};
    EXPECT_LT(failure(error, "1").size(), 2000);
    EXPECT_EQ(transport::public_data(error), "");
    const Error small{Errc::resource_not_found, "x", {}, R"({"uri":"f:///x"})"};
    EXPECT_EQ(transport::public_data(small), R"({"uri":"f:///x"})");
}

TEST(Reply, begins_with_a_head_that_says_how_long_the_body_is) {
    Buffer out;
    transport::append_head(out, ReplyHead(start()), 17);
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
    head.session_id = "0-0-x";
    head.more = "Retry-After: 1\r\n";
    head.origin = "http://localhost:5173";
    head.keeps_alive = false;
    transport::append_head(out, head, 0);
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

TEST(Reply, quotes_only_the_beginning_of_a_long_text) {
    std::string method = "Method not found: ";
    while (method.size() < 100'000)
        method += "\xC3\xA9";
    const auto kept = method.substr(0, 1024);
    const Error error{Errc::unknown_method, method, {}, {}};
    EXPECT_NE(failure(error, "1").find("\"message\":\"" + kept + "...\""), std::string::npos);
    EXPECT_EQ(transport::public_text(error, "ref 0-1"), kept + "...");
    const Error odd{Errc::unknown_method, "x" + method, {}, {}};
    EXPECT_EQ(transport::public_text(odd, "ref 0-1"), "x" + kept.substr(0, 1022) + "...");
}

TEST(Reply, without_content_has_no_length) {
    Buffer out;
    ReplyHead head(start());
    head.status = 204;
    head.content_type = {};
    transport::append_head(out, head, 0);
    EXPECT_EQ(lines(out), std::string("HTTP/1.1 204 No Content|") + date + "|");
}

TEST(Reply, a_stream_is_neither_stored_nor_held_back_on_the_way) {
    Buffer out;
    ReplyHead head(start());
    head.content_type = "text/event-stream";
    transport::append_stream_head(out, head);
    EXPECT_EQ(
        lines(out),
        std::string("HTTP/1.1 200 OK|") + date +
            "Content-Type: text/event-stream|Cache-Control: no-cache, no-transform|"
            "X-Accel-Buffering: no|Transfer-Encoding: chunked||"
    );
}

TEST(Reply, a_failure_is_an_error_with_the_request_s_id_or_null) {
    EXPECT_EQ(
        failure({Errc::unknown_session, "Session not found", "secret", {}}, "\"a\""),
        std::string("HTTP/1.1 404 Not Found|") + date +
            "Content-Type: application/json|Content-Length: 80||"
            R"({"jsonrpc":"2.0","id":"a","error":{"code":-32001,"message":"Session not found"}})"
    );
    EXPECT_TRUE(failure({Errc::malformed, "no \"JSON\"", {}, R"({"a":1})"}, "")
                    .ends_with(R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,)"
                               R"("message":"no \"JSON\"","data":{"a":1}}})"));
}

// RFC 9110, 9.3.2.
TEST(Reply, to_head_has_the_head_and_no_content) {
    const Error error{Errc::unknown_path, "Not found", {}, {}};
    Buffer whole;
    transport::append_failure(whole, ReplyHead(start()), error, {});
    Buffer out;
    ReplyHead head(start());
    head.has_content = false;
    transport::append_failure(out, head, error, {});
    EXPECT_TRUE(out.view().ends_with("\r\n\r\n"));
    EXPECT_TRUE(whole.view().starts_with(out.view()));
}

TEST(Reply, has_the_date_of_the_second_in_which_it_is_made) {
    FakeClock clock;
    transport::ReplyStart made;
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

TEST(Reply, a_failure_says_what_the_client_can_do) {
    EXPECT_TRUE(
        failure({Errc::unauthenticated, "x", {}, {}}, "").contains("|WWW-Authenticate: Bearer")
    );
    EXPECT_TRUE(failure({Errc::method_not_allowed, "x", {}, {}}, "").contains("|Allow: GET, POST"));
    EXPECT_TRUE(failure({Errc::unavailable, "x", {}, {}}, "").contains("|Retry-After: 1|"));
    EXPECT_TRUE(failure({Errc::too_many, "x", {}, {}}, "").contains("|Retry-After: 1|"));
}

TEST(Reply, tells_a_client_no_detail_only_where_the_log_has_it) {
    EXPECT_EQ(
        transport::public_text(
            {Errc::upstream_failed, "gh is not there", "10.0.0.1:80 refused", {}}, "ref 0-1"
        ),
        "gh is not there (ref 0-1)"
    );
    EXPECT_EQ(
        transport::public_text({Errc::not_found, "Unknown tool: x", {}, {}}, "ref 0-1"),
        "Unknown tool: x"
    );
    EXPECT_EQ(
        transport::public_text({Errc::internal, "Internal error", {}, {}}, "ref 0-1"),
        "Internal error (ref 0-1)"
    );
}

class ReplyToPage : public Requests {};

TEST_F(ReplyToPage, only_the_page_that_asked_may_read_it_and_only_with_cors) {
    receive("POST /mcp", "Host: localhost\r\nOrigin: http://localhost:5173\r\n");
    EXPECT_EQ(transport::readable_by(endpoint(), *incoming), "http://localhost:5173");
    endpoint_.reset();
    options.has_cors = false;
    EXPECT_EQ(transport::readable_by(endpoint(), *incoming), "");
    receive("POST /mcp", "Host: localhost\r\n");
    EXPECT_EQ(transport::readable_by(endpoint(), *incoming), "");
}

TEST_F(ReplyToPage, a_preflight_request_is_told_methods_and_headers) {
    receive("OPTIONS /mcp", "Host: localhost\r\nOrigin: http://localhost:5173\r\n");
    Buffer out;
    transport::append_preflight(out, endpoint(), *incoming);
    const auto text = lines(out);
    EXPECT_TRUE(text.starts_with("HTTP/1.1 204 No Content|")) << text;
    EXPECT_TRUE(text.contains("|Access-Control-Allow-Origin: http://localhost:5173|")) << text;
    EXPECT_TRUE(text.contains("|Access-Control-Allow-Methods: GET, POST, DELETE, OPTIONS|"))
        << text;
    for (const auto* header :
         {"Authorization", "Content-Type", "Last-Event-ID", "Mcp-Session-Id", "MCP-Protocol-Version"
         }) {
        EXPECT_TRUE(text.contains(header)) << header;
    }
}

}  // namespace
}  // namespace gw::test
