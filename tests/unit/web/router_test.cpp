#include "web/router.hpp"

#include "web_requests.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gw::test {
namespace {

using enum http::Method;
using web::Access;
using web::PathParameters;

class Router : public testing::Test {
protected:
    FakeHandler all;
    FakeHandler one;
    web::Router router{{
        {{get, post}, "/mcp", Access::authenticated, all, "x"},
        {{delete_}, "/mcp", Access::open, one, "x"},
        {{get}, "/servers/{id}/mcp", Access::authenticated, one, "x"},
        {{get}, "/servers/{id}/tools/{tool}", Access::authenticated, all, "x"},
    }};
    PathParameters parameters;

    // Which pattern a path leads to, and with which parameters.
    std::string leads_to(std::string_view path) {
        parameters = {};
        const auto* const found = router.find(path, parameters);
        if (found == nullptr) return "nothing";
        std::string text;
        for (const auto segment : found->segments)
            text.append("/").append(segment);
        for (const auto parameter : parameters)
            text.append(parameter.empty() ? "" : " ").append(parameter);
        return text;
    }
};

TEST_F(Router, a_path_leads_to_its_resource_with_or_without_a_slash_at_its_end) {
    EXPECT_EQ(leads_to("/mcp"), "/mcp");
    EXPECT_EQ(leads_to("/mcp/"), "/mcp");
    EXPECT_EQ(leads_to("/servers/a/mcp/"), "/servers/{id}/mcp a");
    EXPECT_EQ(leads_to("/servers/a/tools/b"), "/servers/{id}/tools/{tool} a b");
}

TEST_F(Router, a_path_that_only_looks_like_one_of_ours_is_unknown) {
    for (const auto* path :
         {"/",
          "/mc",
          "/mcp2",
          "/mcp//",
          "//mcp",
          "/MCP",
          "/mcp/x",
          "/servers/mcp",
          "/servers//mcp",
          "/servers/a/x/mcp",
          "/servers/a",
          "/servers/te%61m/mcp",
          "/servers/a/tools/",
          "/servers/{id}",
          "/%6dcp"}) {
        EXPECT_EQ(leads_to(path), "nothing") << path;
    }
}

TEST_F(Router, each_method_of_a_resource_has_its_own_route) {
    const auto* const found = router.find("/mcp", parameters);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->find(post)->handler, &all);
    EXPECT_EQ(found->find(delete_)->handler, &one);
    EXPECT_EQ(found->find(delete_)->access, Access::open);
    EXPECT_EQ(found->find(head), nullptr) << "HEAD is served where it is named";
    EXPECT_EQ(found->allow, "GET, POST, DELETE, OPTIONS");
}

}  // namespace
}  // namespace gw::test
