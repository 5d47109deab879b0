#include "mcp/results.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gw::test {
namespace {

constexpr auto our_meta =
    R"("_meta":{"io.modelcontextprotocol/serverInfo":{"name":"bascule","version":"0.1.0"}})";

TEST(TypedResult, has_a_type_and_says_who_we_are) {
    EXPECT_EQ(
        mcp::typed_result("{}", {}), R"({"resultType":"complete",)" + std::string(our_meta) + "}"
    );
    EXPECT_EQ(
        mcp::typed_result(R"({ "content" : [ 1.50 ] })", {}),
        R"({"content":[ 1.50 ],"resultType":"complete",)" + std::string(our_meta) + "}"
    );
}

TEST(TypedResult, keeps_the_server_that_is_there_and_no_type) {
    constexpr auto text = R"({"result\u0054ype":"x","_meta":{"a":1,)"
                          R"("io.modelcontextprotocol/serverInfo":{"name":"s","version":"2"}}})";
    EXPECT_EQ(
        mcp::typed_result(text, {}),
        R"({"_meta":{"a":1,"io.modelcontextprotocol/serverInfo":{"name":"s","version":"2"}},)"
        R"("resultType":"complete"})"
    );
}

TEST(TypedResult, adds_to_the_meta_that_is_there) {
    EXPECT_EQ(
        mcp::typed_result(R"({"resultType":"complete","_meta":{"a":1}})", {}),
        R"({"_meta":{"a":1,"io.modelcontextprotocol/serverInfo":)"
        R"({"name":"bascule","version":"0.1.0"}},"resultType":"complete"})"
    );
    EXPECT_EQ(
        mcp::typed_result(R"({"resultType":"complete","_meta":3})", {}),
        "{" + std::string(our_meta) + R"(,"resultType":"complete"})"
    );
}

TEST(StatedCache, is_nothing_where_it_makes_no_sense) {
    const auto stated = [](std::string_view result) {
        const auto cache = mcp::stated_cache(result);
        return std::to_string(cache.ttl_ms) + (cache.is_public ? " public" : " private");
    };
    EXPECT_EQ(stated(R"({"ttlMs":5,"cacheScope":"public"})"), "5 public");
    EXPECT_EQ(stated(R"({"ttlMs":-5,"cacheScope":"private"})"), "0 private");
    EXPECT_EQ(stated(R"({"ttlMs":1.5,"cacheScope":"all"})"), "0 private");
    EXPECT_EQ(stated(R"({"ttlMs":"5","cacheScope":{"\\":1}})"), "0 private");
    EXPECT_EQ(stated("{}"), "0 private");
}

TEST(TypedResult, says_how_long_it_may_be_kept_in_place_of_what_was_said) {
    EXPECT_EQ(
        mcp::typed_result(
            R"({"ttlMs":5,"tools":[],"cacheScope":"public"})",
            mcp::Cache{.ttl_ms = 250, .is_public = false}
        ),
        R"({"tools":[],"resultType":"complete","ttlMs":250,"cacheScope":"private",)" +
            std::string(our_meta) + "}"
    );
    EXPECT_TRUE(mcp::typed_result("{}", mcp::Cache{.ttl_ms = 0, .is_public = true})
                    .contains(R"("ttlMs":0,"cacheScope":"public")"));
    EXPECT_TRUE(mcp::typed_result(R"({"ttlMs":5})", {}).contains(R"("ttlMs":5)"));
}

TEST(UntypedResult, has_nothing_that_only_stateless_revisions_know) {
    EXPECT_EQ(
        mcp::untyped_result(R"({"resultType":"complete","content":[{"ttlMs":1}],"ttlMs":0,)"
                            R"("cache\u0053cope":"private","_meta":{"a":[1, 2],)"
                            R"("io.modelcontextprotocol/serverInfo":{},)"
                            R"("io.modelcontextprotocol/related-task":{"taskId":"7"},)"
                            R"("io.modelcontextprotocol/subscriptionId":4}})"),
        R"({"content":[{"ttlMs":1}],"_meta":{"a":[1, 2],)"
        R"("io.modelcontextprotocol/related-task":{"taskId":"7"}}})"
    );
}

TEST(UntypedResult, has_no_empty_meta) {
    EXPECT_EQ(
        mcp::untyped_result(
            R"({"resultType":"complete","_meta":{"io.modelcontextprotocol/serverInfo":{}}})"
        ),
        "{}"
    );
}

TEST(UntypedResult, undoes_what_typed_result_did) {
    constexpr auto text = R"({"contents":[{"uri":"a:b"}],"_meta":{"x":null}})";
    EXPECT_EQ(mcp::untyped_result(mcp::typed_result(text, mcp::Cache{.ttl_ms = 9})), text);
}

}  // namespace
}  // namespace gw::test
