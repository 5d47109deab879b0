#include "catalog/uri_hints.hpp"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace gw::catalog {
namespace {

using Texts = std::vector<std::string_view>;

TEST(UriHints, of_a_uri_are_its_scheme_and_its_authority) {
    EXPECT_EQ(prefixes("file:///etc/hosts"), (Texts{"file://", "file:"}));
    EXPECT_EQ(prefixes("x://host/path?q"), (Texts{"x://host", "x:"}));
    EXPECT_EQ(prefixes("x://host"), (Texts{"x://host", "x:"}));
    EXPECT_EQ(prefixes("x://host?q"), (Texts{"x://host", "x:"}));
    EXPECT_EQ(prefixes("mailto:somebody"), (Texts{"mailto:"}));
    EXPECT_EQ(prefixes("x:"), (Texts{"x:"}));
    EXPECT_EQ(prefixes("path"), Texts());
    EXPECT_EQ(prefixes(""), Texts());
}

TEST(UriHints, of_a_tool_are_the_resources_that_show_its_results) {
    EXPECT_EQ(
        app_resources(R"({"name":"t","_meta":{"ui":{"resourceUri":"ui://a/b"},"x":"ui:c"}})"),
        (Texts{R"("ui://a/b")", R"("ui:c")"})
    );
    EXPECT_EQ(app_resources(R"({"x":"ui:\"y\\","z":1})"), (Texts{R"("ui:\"y\\")"}));
    EXPECT_EQ(app_resources(R"({"name":"ui","description":"gui:x"})"), Texts());
    EXPECT_EQ(app_resources(""), Texts());
}

}  // namespace
}  // namespace gw::catalog
