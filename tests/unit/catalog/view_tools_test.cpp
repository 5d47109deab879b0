#include "catalog/view.hpp"
#include "support/all_of.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace gw::test {
namespace {

using catalog::Form;
using catalog::Kind;

constexpr auto mirrored =
    R"({"name":"a","inputSchema":{"properties":{"r":{"type":"string","x-mcp-header":"R"}}}})";
constexpr auto badly_mirrored =
    R"({"name":"a","inputSchema":{"properties":{"r":{"type":"number","x-mcp-header":"R"}}}})";

// A view of one server with one tool, "a".
class ViewOfTools : public testing::Test {
protected:
    catalog::CursorSeal seal{catalog::CursorSeal::Key{1, 2, 3}};
    std::vector<std::string> problems;

    catalog::View view(std::string tool, bool is_stateless = false) {
        catalog::Listing listing;
        listing.profile.is_stateless = is_stateless;
        listing.items[0].push_back({"a", std::move(tool)});
        auto handle = std::make_shared<const catalog::Listing>(std::move(listing));
        return {{}, {{0, "gh", "gh", std::move(handle)}}, seal, problems};
    }

    static std::string tools(const catalog::View& view, Form form = Form::object_output_schema) {
        return all_of(view).page(Kind::tools, form, 0);
    }
};

TEST_F(ViewOfTools, knows_which_arguments_go_as_headers) {
    for (const bool is_stateless : {false, true}) {
        const auto one = view(mirrored, is_stateless);
        const std::vector<mcp::MirrorRule> expected{{"R", {"r"}, mcp::MirrorRule::Type::string}};
        EXPECT_EQ((*all_of(one).find(Kind::tools, "gh-a"))->mirror_rules, expected);
        EXPECT_TRUE(tools(one).contains("x-mcp-header"));
    }
    EXPECT_TRUE(problems.empty());
}

TEST_F(ViewOfTools, knows_the_tools_that_can_only_be_a_task) {
    constexpr auto required = R"({"name":"a","execution":{"taskSupport":"required"},"x":1.0})";
    EXPECT_TRUE((*all_of(view(required)).find(Kind::tools, "gh-a"))->needs_task);
    constexpr auto optional = R"({"name":"a","execution":{"taskSupport":"optional"}})";
    EXPECT_FALSE((*all_of(view(optional)).find(Kind::tools, "gh-a"))->needs_task);
    EXPECT_TRUE((*all_of(view(required, true)).find(Kind::tools, "gh-a"))->needs_task);
}

TEST_F(ViewOfTools, leaves_out_a_tool_that_a_stateless_server_annotates_badly) {
    const auto none = view(badly_mirrored, true);
    EXPECT_EQ(tools(none), R"({"tools":[]})");
    EXPECT_FALSE(all_of(none).find(Kind::tools, "gh-a"));
    EXPECT_EQ(
        problems,
        std::vector<std::string>{
            "gh lists a, which is left out: x-mcp-header of inputSchema.r needs the type string, "
            "integer or boolean"
        }
    );
}

TEST_F(ViewOfTools, leaves_out_only_the_keyword_where_it_never_meant_anything) {
    const auto one = view(badly_mirrored);
    EXPECT_EQ(
        tools(one),
        R"({"tools":[{"name":"gh-a","inputSchema":{"properties":{"r":{"type":"number"}}}}]})"
    );
    EXPECT_TRUE((*all_of(one).find(Kind::tools, "gh-a"))->mirror_rules.empty());
    EXPECT_EQ(problems.size(), 1);
}

TEST_F(ViewOfTools, says_which_results_have_to_be_wrapped) {
    const auto wrapped = view(R"({"name":"a","outputSchema":{"type":"array"}})");
    EXPECT_TRUE((*all_of(wrapped).find(Kind::tools, "gh-a"))->has_wrapped_output);
    EXPECT_TRUE(tools(wrapped).contains(R"({"result":{"type":"array"}})"));
    EXPECT_TRUE(tools(wrapped, Form::stateless).contains(R"("outputSchema":{"type":"array"})"));
    const auto plain = view(R"({"name":"a","outputSchema":{"type":"object"}})");
    EXPECT_FALSE((*all_of(plain).find(Kind::tools, "gh-a"))->has_wrapped_output);
}

TEST_F(ViewOfTools, has_typed_pages_of_every_kind_for_stateless_clients) {
    const auto one = view(R"({"name":"a"})");
    constexpr std::string_view begin = R"({"resultType":"complete","_meta":{)";
    EXPECT_TRUE(tools(one, Form::stateless).starts_with(begin));
    EXPECT_TRUE(tools(one, Form::stateless).ends_with(R"("tools":[{"name":"gh-a"}]})"));
    EXPECT_TRUE(all_of(one).page(Kind::prompts, Form::stateless, 0).starts_with(begin));
    EXPECT_FALSE(all_of(one).page(Kind::prompts, Form::without_output_schema, 0).starts_with(begin)
    );
}

}  // namespace
}  // namespace gw::test
