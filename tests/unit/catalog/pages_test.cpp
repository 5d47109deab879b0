#include "catalog/pages.hpp"

#include "support/all_of.hpp"
#include "support/fake_listing.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gw::test {
namespace {

using catalog::Form;
using catalog::Kind;

class Pages : public testing::Test {
protected:
    catalog::CursorSeal seal{catalog::CursorSeal::Key{1, 2, 3}};

    catalog::View view(const FakeListing& listing) const {
        catalog::ViewRules rules;
        rules.has_plain_names = true;
        std::vector<std::string> ignored;
        return {rules, {{0, "s", "s", to_listing(listing)}}, seal, ignored};
    }
};

TEST_F(Pages, are_made_once_for_all_who_ask) {
    catalog::Pages pages;
    const auto one = view({.tools = {"a"}, .prompts = {"p"}});
    const auto first = *pages.get(all_of(one), Kind::tools, Form::stateless, "");
    EXPECT_EQ(first, *pages.get(all_of(one), Kind::tools, Form::stateless, ""));
    EXPECT_EQ(*first, all_of(one).page(Kind::tools, Form::stateless, 0));
    for (const auto& other :
         {*pages.get(all_of(one), Kind::tools, Form::object_output_schema, ""),
          *pages.get(all_of(one), Kind::prompts, Form::stateless, ""),
          *pages.get(all_of(view({.tools = {"b"}})), Kind::tools, Form::stateless, "")})
        EXPECT_NE(*first, *other);
}

TEST_F(Pages, of_what_has_no_output_schema_are_the_same_without_it) {
    catalog::Pages pages;
    const auto one = view({.prompts = {"p"}});
    EXPECT_EQ(
        *pages.get(all_of(one), Kind::prompts, Form::object_output_schema, ""),
        *pages.get(all_of(one), Kind::prompts, Form::without_output_schema, "")
    );
}

TEST_F(Pages, that_nobody_asked_for_lately_give_way) {
    const std::string name(1000, 'x');
    const auto a = view({.tools = {name}});
    const auto b = view({.tools = {name}});
    const auto c = view({.tools = {name}});
    catalog::Pages pages(2500);
    const auto of_a = *pages.get(all_of(a), Kind::tools, Form::stateless, "");
    const auto of_b = *pages.get(all_of(b), Kind::tools, Form::stateless, "");
    EXPECT_EQ(of_a, *pages.get(all_of(a), Kind::tools, Form::stateless, ""));
    EXPECT_TRUE(pages.get(all_of(c), Kind::tools, Form::stateless, ""));
    EXPECT_LE(pages.bytes(), 2500);
    EXPECT_EQ(of_a, *pages.get(all_of(a), Kind::tools, Form::stateless, ""));
    EXPECT_NE(of_b, *pages.get(all_of(b), Kind::tools, Form::stateless, ""));
}

TEST_F(Pages, that_are_larger_than_all_are_given_but_not_kept) {
    catalog::Pages pages(10);
    EXPECT_TRUE(pages.get(all_of(view({.tools = {"a"}})), Kind::tools, Form::stateless, ""));
    EXPECT_EQ(pages.bytes(), 0);
}

TEST_F(Pages, say_which_cursors_are_none) {
    catalog::Pages pages;
    EXPECT_FALSE(pages.get(all_of(view({})), Kind::tools, Form::stateless, "2"));
}

}  // namespace
}  // namespace gw::test
