#include "app/expand.hpp"

#include "unit/app/reading.hpp"

#include <gtest/gtest.h>

namespace gw::app::test {
namespace {

std::string expanded(std::string_view text) {
    const auto result = expand(text, environment_of({{"A", "1"}, {"B_2", "${A}"}, {"EMPTY", ""}}));
    return result ? *result : "error: " + result.error().text;
}

TEST(expand, replaces_variables) {
    EXPECT_EQ(expanded("x${A}y${env:A}z"), "x1y1z");
    EXPECT_EQ(expanded("${EMPTY}"), "");
    EXPECT_EQ(expanded("nothing $here {A}$"), "nothing $here {A}$");
}

TEST(expand, does_not_look_at_values_again) {
    EXPECT_EQ(expanded("${B_2}"), "${A}");
}

TEST(expand, takes_a_default_for_what_is_not_set) {
    EXPECT_EQ(expanded("${A:-2}${NONE:-2}${env:NONE:-}"), "12");
}

TEST(expand, takes_a_default_that_has_variables_and_defaults_itself) {
    EXPECT_EQ(expanded("${NONE:-${A:-2}}"), "1");
    EXPECT_EQ(expanded("x${NONE:-${NO:-c}d}y"), "xcdy");
    EXPECT_EQ(expanded("${NONE:-${NO:-${env:NOT:-${A}}}}"), "1");
    EXPECT_EQ(expanded("${A:-${NONE}}"), "1");
    EXPECT_EQ(expanded("${NONE:-${B_2}}"), "${A}");
    EXPECT_EQ(expanded("${NONE:-$${A}}"), "${A}");
    EXPECT_EQ(expanded("${NONE:-${NO}}"), "error: the variable NO is not set");
    EXPECT_EQ(expanded("${NONE:-${A}"), "error: \"${\" without \"}\"");
    std::string deep;
    for (int i = 0; i < 100'000; ++i)
        deep += "${N:-";
    EXPECT_EQ(
        expanded(deep + std::string(100'000, '}')), "error: defaults within defaults are too many"
    );
}

TEST(expand, leaves_a_doubled_dollar_to_be_one) {
    EXPECT_EQ(expanded("$${A}"), "${A}");
    EXPECT_EQ(expanded("$$${A}"), "$${A}");
    EXPECT_EQ(expanded("$$"), "$$");
}

TEST(expand, names_the_variable_that_is_missing) {
    EXPECT_EQ(expanded("${A}${NONE}"), "error: the variable NONE is not set");
    EXPECT_EQ(expanded("${env:NONE}"), "error: the variable NONE is not set");
}

TEST(expand, refuses_what_it_does_not_understand) {
    EXPECT_EQ(
        expanded("${input:token}"),
        "error: ${input:token} is a question to the user of an editor: set a variable and write "
        "${NAME}"
    );
    EXPECT_EQ(
        expanded("${{ secrets.KEY }}"),
        "error: ${{ secrets.KEY }} is a secret of another program: set a variable and write ${NAME}"
    );
    EXPECT_EQ(expanded("${config:x.y}"), "error: ${config:x.y} is not the name of a variable");
    EXPECT_EQ(expanded("${}"), "error: ${} is not the name of a variable");
    EXPECT_EQ(expanded("a${A"), "error: \"${\" without \"}\"");
}

}  // namespace
}  // namespace gw::app::test
