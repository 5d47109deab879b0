#include "catalog/names.hpp"

#include "base/json.hpp"
#include "catalog/view.hpp"
#include "support/all_of.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace gw::test {
namespace {

using catalog::Kind;
using catalog::Named;

// The names of all in one view, in their order.
std::vector<std::string> qualify(const std::vector<Named>& all, std::string_view separator) {
    const catalog::CursorSeal seal{catalog::CursorSeal::Key{1}};
    std::vector<catalog::Source> sources;
    for (const auto& named : all) {
        catalog::Listing listing;
        auto tool = R"({"name":)" + json::quoted(named.original) + "}";
        listing.items[0].push_back({std::string(named.original), std::move(tool)});
        const auto number = static_cast<auth::UpstreamNumber>(sources.size());
        sources.push_back(
            {number,
             std::string(named.upstream),
             std::string(named.prefix),
             std::make_shared<const catalog::Listing>(std::move(listing))}
        );
    }
    catalog::ViewRules rules;
    rules.separator = separator;
    std::vector<std::string> problems;
    const catalog::View view(rules, std::move(sources), seal, problems);
    std::vector<std::string> names;
    const auto page = all_of(view).page(Kind::tools, catalog::Form::object_output_schema, 0);
    for (const auto tool : *json::elements((*json::Object::parse(page))["tools"], all.size()))
        names.push_back(*json::Object::parse(tool)->string("name"));
    return names;
}

// The names of all, one after the other.
std::string names(const std::vector<Named>& all, std::string_view separator = "-") {
    std::string text;
    for (const auto& name : qualify(all, separator))
        text += (text.empty() ? "" : " ") + name;
    return text;
}

TEST(Names, are_those_of_server_and_tool_with_the_separator_between_them) {
    EXPECT_EQ(
        names({{"GitHub", "gh", "search_Issues"}, {"time", "t", "now"}}),
        "github-search-issues time-now"
    );
    EXPECT_EQ(names({{"GitHub", "gh", "search_Issues"}}, "_"), "github_search_issues");
    EXPECT_EQ(names({{"gh", "gh", "search"}}, "__"), "gh__search");
}

// Values that clients may have stored: they are the same in every release.
TEST(Names, those_that_collide_all_end_in_a_hash_of_who_has_them) {
    EXPECT_EQ(
        names({{"a", "one", "b-c"}, {"a-b", "two", "c"}, {"a", "one", "other"}}),
        "a-b-c-26f06919 a-b-c-9ff2eff8 a-other"
    );
}

TEST(Names, what_has_no_letters_is_told_apart_by_its_hash) {
    const auto all = qualify({{"a", "one", "!!"}, {"a", "one", "??"}}, "-");
    EXPECT_EQ(all[0].size(), all[1].size());
    EXPECT_NE(all[0], all[1]);
    EXPECT_TRUE(all[0].starts_with("a-")) << all[0];
}

TEST(Names, fit_64_characters_and_keep_what_fits) {
    const std::string exact(61, 'x');
    const std::string longer(62, 'x');
    const std::string longest(300, 'x');
    const auto all =
        qualify({{"gh", "gh", exact}, {"gh", "gh", longer}, {"gh", "gh", longest}}, "-");
    EXPECT_EQ(all[0], "gh-" + exact);
    EXPECT_EQ(all[1].size(), 64);
    EXPECT_EQ(all[2].size(), 64);
    EXPECT_NE(all[1], all[2]);
    EXPECT_EQ(all[1].substr(0, 55), ("gh-" + longer).substr(0, 55));
    EXPECT_EQ(all[1][55], '-');
}

TEST(Names, fit_also_when_the_servers_name_alone_is_too_long) {
    const auto all = qualify({{std::string(200, 's'), "s", "tool"}}, "-");
    EXPECT_EQ(all[0].size(), 64);
}

TEST(Names, depend_on_the_servers_key_and_the_tool_not_on_the_order) {
    const Named one{"a", "one", "b-c"};
    const Named two{"a-b", "two", "c"};
    const auto there = qualify({one, two}, "-");
    const auto back = qualify({two, one}, "-");
    EXPECT_EQ(there[0], back[1]);
    EXPECT_EQ(there[1], back[0]);
}

// A name that clients know means the same tool, or nothing, when one more server is there.
void expect_no_new_target(const std::vector<Named>& before, const Named& more) {
    const auto old_names = qualify(before, "-");
    auto after = before;
    after.push_back(more);
    const auto new_names = qualify(after, "-");
    for (std::size_t i = 0; i < old_names.size(); ++i) {
        for (std::size_t j = 0; j < new_names.size(); ++j) {
            if (i != j) EXPECT_NE(old_names[i], new_names[j]);
        }
    }
}

TEST(Names, one_more_server_gives_no_name_another_target) {
    expect_no_new_target({{"a", "one", "b-c"}}, {"a-b", "two", "c"});
    expect_no_new_target({{"a", "one", "b-c"}, {"a-b", "two", "c"}}, {"a", "three", "b c"});
    expect_no_new_target({{"a", "one", std::string_view("x")}}, {"a", "two", "x"});
}

TEST(Names, one_more_server_cannot_take_a_name_that_ends_in_a_hash) {
    const std::vector<Named> before{{"a", "one", "b-c"}, {"a-b", "two", "c"}};
    // "a-b-c-12345678", of server "one", as a server could call a tool of its own.
    const auto taken = qualify(before, "-").front();
    const auto own = taken.substr(std::string_view("a-").size());
    expect_no_new_target(before, {"a", "three", own});
}

}  // namespace
}  // namespace gw::test
