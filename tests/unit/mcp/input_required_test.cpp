#include "mcp/input_required.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gw::test {
namespace {

std::string_view why_not(std::string_view result, std::string& detail) {
    const auto read = mcp::parse_input_required(result);
    if (read) return "it is one";
    EXPECT_EQ(
        to_string(read.error()), "upstream_failed: the server sent an invalid request for input"
    );
    detail = read.error().detail;
    return detail;
}

TEST(InputRequired, is_read_with_its_requests_and_its_state) {
    const auto read = mcp::parse_input_required(
        R"({"resultType":"input_required","requestState":"a\u0062","inputRequests":{)"
        R"("k\u0031":{"method":"elicitation/create","params":{"message":"?"}},)"
        R"("k2":{"method":"roots/list"},)"
        R"("k3":{"method":"sampling/createMessage","params":{"messages":[ ]}}}})"
    );
    ASSERT_TRUE(read);
    EXPECT_EQ(read->state, R"("a\u0062")");
    ASSERT_EQ(read->requests.size(), 3);
    EXPECT_EQ(read->requests[0].key, "k1");
    EXPECT_EQ(read->requests[0].method, "elicitation/create");
    EXPECT_EQ(read->requests[0].params, R"({"message":"?"})");
    EXPECT_EQ(read->requests[1].method, "roots/list");
    EXPECT_EQ(read->requests[1].params, "");
    EXPECT_EQ(read->requests[2].params, R"({"messages":[ ]})");
}

TEST(InputRequired, may_have_only_one_of_requests_and_state) {
    const auto state = mcp::parse_input_required(R"({"requestState":""})");
    ASSERT_TRUE(state);
    EXPECT_EQ(state->state, R"("")");
    EXPECT_TRUE(state->requests.empty());
    const auto asked =
        mcp::parse_input_required(R"({"inputRequests":{"":{"method":"roots/list"}}})");
    ASSERT_TRUE(asked);
    EXPECT_EQ(asked->state, "");
    EXPECT_EQ(asked->requests.at(0).key, "");
}

TEST(InputRequired, is_refused_when_it_is_none) {
    std::string detail;
    EXPECT_EQ(why_not("{}", detail), "it asks for nothing");
    EXPECT_EQ(why_not(R"({"inputRequests":{}})", detail), "it asks for nothing");
    EXPECT_EQ(why_not(R"({"requestState":7})", detail), "requestState is not a string");
    EXPECT_EQ(
        why_not(R"({"inputRequests":[]})", detail),
        R"(invalid_params: "inputRequests" must be an object)"
    );
    EXPECT_EQ(
        why_not(R"({"inputRequests":{"a":1}})", detail), "invalid_request: not a JSON object"
    );
    EXPECT_EQ(
        why_not(R"({"inputRequests":{"a":{}}})", detail),
        R"(invalid_params: "method" must be a string)"
    );
    EXPECT_EQ(why_not(R"({"inputRequests":{"a":{"method":"ping"}}})", detail), "it asks for ping");
    EXPECT_EQ(
        why_not(R"({"inputRequests":{"a":{"method":"elicitation/create"}}})", detail),
        "elicitation/create has no params"
    );
    EXPECT_EQ(
        why_not(R"({"inputRequests":{"a":{"method":"roots/list","params":1}}})", detail),
        "roots/list has no params"
    );
    EXPECT_EQ(
        why_not(R"({"inputRequests":{"a":{"method":"roots/list"},"\u0061":{}}})", detail),
        R"(invalid_request: "a" stands twice)"
    );
}

TEST(InputRequired, is_written_with_keys_and_state_of_ours) {
    EXPECT_EQ(
        mcp::render_input_required(
            {{.key = "a\"b", .method = "elicitation/create", .params = R"({"message":"?"})"},
             {.key = "c", .method = "roots/list", .params = {}}},
            R"("sealed")"
        ),
        R"({"resultType":"input_required","inputRequests":{)"
        R"("a\"b":{"method":"elicitation/create","params":{"message":"?"}},)"
        R"("c":{"method":"roots/list"}},"requestState":"sealed",)"
        R"("_meta":{"io.modelcontextprotocol/serverInfo":{"name":"bascule","version":"0.1.0"}}})"
    );
}

TEST(InputRequired, leaves_out_what_there_is_none_of) {
    const auto state = mcp::render_input_required({}, R"("s")");
    EXPECT_FALSE(state.contains("inputRequests"));
    EXPECT_TRUE(mcp::parse_input_required(state));
    const auto asked =
        mcp::render_input_required({{.key = "c", .method = "roots/list", .params = {}}}, "");
    EXPECT_FALSE(asked.contains("requestState"));
    EXPECT_TRUE(mcp::parse_input_required(asked));
}

}  // namespace
}  // namespace gw::test
