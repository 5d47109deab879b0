#include "web/refusal.hpp"

#include "web/preflight.hpp"
#include "web_requests.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gw::test {
namespace {

class Refusal : public WebRequests {
protected:
    std::string refuse(const Error& error, std::optional<web::HttpFault> fault = {}) {
        Buffer out;
        web::ReplyHead reply(server().reply_start());
        reply.allow = "GET, OPTIONS";
        append_refusal(out, reply, fault, error);
        return std::string(out.view());
    }
};

TEST_F(Refusal, says_what_is_wrong_in_its_status_and_in_words) {
    const auto text = refuse({Errc::unknown_path, "Not \"found\"", "secret", {}});
    EXPECT_TRUE(text.starts_with("HTTP/1.1 404 Not Found\r\n")) << text;
    EXPECT_TRUE(text.ends_with("\r\n\r\n{\"detail\":\"Not \\\"found\\\"\"}")) << text;
}

TEST_F(Refusal, says_what_the_client_can_do) {
    const auto has = [this](Errc kind, std::string_view line) {
        return refuse({kind, "x", {}, {}}).contains(line);
    };
    EXPECT_TRUE(has(Errc::unauthenticated, "\r\nWWW-Authenticate: Bearer"));
    EXPECT_TRUE(has(Errc::method_not_allowed, "\r\nAllow: GET, OPTIONS\r\n"));
    EXPECT_TRUE(has(Errc::unavailable, "\r\nRetry-After: 1\r\n"));
    EXPECT_TRUE(has(Errc::too_many, "\r\nRetry-After: 1\r\n"));
}

TEST_F(Refusal, of_what_is_no_request_has_the_status_that_http_has_for_it) {
    const Error error{Errc::timed_out, "late", {}, {}};
    EXPECT_TRUE(refuse(error, web::HttpFault::late_body).starts_with("HTTP/1.1 408 "));
    EXPECT_TRUE(refuse(error, web::HttpFault::target_too_long).starts_with("HTTP/1.1 414 "));
    EXPECT_TRUE(refuse(error, web::HttpFault::head_too_large).starts_with("HTTP/1.1 431 "));
    EXPECT_TRUE(refuse(error, web::HttpFault::unsupported_http).starts_with("HTTP/1.1 505 "));
}

TEST_F(Refusal, a_preflight_request_is_told_methods_and_headers) {
    ASSERT_EQ(check("OPTIONS /things"), "passed");
    Buffer out;
    web::ReplyHead reply(server().reply_start());
    reply.allow = request->resource->allow;
    EXPECT_EQ(append_preflight(out, reply, *request), 204);
    const auto text = out.view();
    EXPECT_TRUE(text.contains("\r\nAllow: GET, POST, DELETE, OPTIONS\r\n")) << text;
    EXPECT_TRUE(text.contains("Access-Control-Allow-Methods: GET, POST, DELETE, OPTIONS\r\n"))
        << text;
    EXPECT_TRUE(text.contains("Access-Control-Allow-Headers: Authorization, Content-Type")) << text;
}

}  // namespace
}  // namespace gw::test
