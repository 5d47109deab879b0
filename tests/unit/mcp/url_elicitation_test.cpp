#include "mcp/url_elicitation.hpp"

#include <gtest/gtest.h>

namespace gw::test {
namespace {

TEST(UrlElicitation, is_what_an_errors_data_asks_for) {
    const auto found = mcp::url_elicitations(
        R"({"code":-32042,"message":"first log in","data":{"elicitations":[)"
        R"({"mode":"url","elicitationId":"e1","message":"Log in","url":"https://a.test/"},)"
        R"({"mode":"url","message":"Pay","url":"https://b.test/?a=\"b","_meta":{"n":1.0}}]}})"
    );
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].message, "Log in");
    EXPECT_EQ(found[0].url, "https://a.test/");
    EXPECT_EQ(found[0].params, R"({"mode":"url","message":"Log in","url":"https://a.test/"})");
    EXPECT_EQ(found[1].url, R"(https://b.test/?a="b)");
    EXPECT_EQ(
        found[1].params,
        R"({"mode":"url","message":"Pay","url":"https://b.test/?a=\"b","_meta":{"n":1.0}})"
    );
}

TEST(UrlElicitation, is_nothing_that_is_not_well_formed) {
    for (const auto* error :
         {R"({"code":-32042})",
          R"({"code":-32042,"data":[]})",
          R"({"code":-32042,"data":{"elicitations":{}}})",
          R"({"code":-32042,"data":{"elicitations":[7,{"mode":"url","url":"https://a.test/"}]}})",
          R"({"code":-32042,"data":{"elicitations":[{"mode":"form","message":"m","url":"u"}]}})"}) {
        EXPECT_TRUE(mcp::url_elicitations(error).empty()) << error;
    }
}

}  // namespace
}  // namespace gw::test
