#include "transport/error_reply.hpp"

#include "requests.hpp"

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

std::string failure(const Error& error, std::string_view id) {
    Buffer out;
    ReplyHead head(start());
    head.allow = "GET, POST";
    transport::append_failure(out, head, error, id);
    return lines(out);
}

TEST(ErrorReply, a_failure_says_back_little_of_what_the_client_sent) {
    const std::string large(100'000, 'x');
    const Error error{Errc::resource_not_found, large, {}, "{\"uri\":\"" + large + "\"}"};
    EXPECT_LT(failure(error, "1").size(), 2000);
    EXPECT_EQ(transport::public_data(error), "");
    const Error small{Errc::resource_not_found, "x", {}, R"({"uri":"f:///x"})"};
    EXPECT_EQ(transport::public_data(small), R"({"uri":"f:///x"})");
}

TEST(ErrorReply, quotes_only_the_beginning_of_a_long_text) {
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

TEST(ErrorReply, a_failure_is_an_error_with_the_requests_id_or_null) {
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
TEST(ErrorReply, to_head_has_the_head_and_no_content) {
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

TEST(ErrorReply, a_failure_says_what_the_client_can_do) {
    EXPECT_TRUE(
        failure({Errc::unauthenticated, "x", {}, {}}, "").contains("|WWW-Authenticate: Bearer")
    );
    EXPECT_TRUE(failure({Errc::method_not_allowed, "x", {}, {}}, "").contains("|Allow: GET, POST"));
    EXPECT_TRUE(failure({Errc::unavailable, "x", {}, {}}, "").contains("|Retry-After: 1|"));
    EXPECT_TRUE(failure({Errc::too_many, "x", {}, {}}, "").contains("|Retry-After: 1|"));
}

TEST(ErrorReply, tells_a_client_no_detail_only_where_the_log_has_it) {
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

}  // namespace
}  // namespace gw::test
