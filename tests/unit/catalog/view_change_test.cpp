#include "base/json.hpp"
#include "catalog/view.hpp"
#include "support/all_of.hpp"
#include "support/fake_listing.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace gw::test {
namespace {

using catalog::Form;
using catalog::Kind;

// A view that is made from the one before, again and again.
class ViewChange : public testing::Test {
protected:
    catalog::CursorSeal seal{catalog::CursorSeal::Key{1, 2, 3}};
    catalog::ViewRules rules;
    catalog::PartMaker parts;
    std::vector<std::string> problems;
    catalog::ViewHandle current;

    ViewChange() { rules.page_size = 100'000; }

    static catalog::Source source(unsigned number, const FakeListing& listing) {
        const auto name = "s" + std::to_string(number);
        return {number, name, name, to_listing(listing)};
    }

    void change(const std::vector<catalog::Source>& sources) {
        problems.clear();
        current = std::make_shared<const catalog::View>(
            rules, sources, seal, problems, catalog::ViewTerms{.before = current, .parts = &parts}
        );
    }

    // It is as if there had been none before.
    void expect_as_new(const std::vector<catalog::Source>& sources) const {
        std::vector<std::string> ignored;
        const catalog::View anew(rules, sources, seal, ignored);
        EXPECT_EQ(current->generation(), anew.generation());
        for (const auto kind : catalog::kinds) {
            const auto page = all_of(anew).page(kind, Form::stateless, 0);
            ASSERT_EQ(all_of(*current).page(kind, Form::stateless, 0), page);
            EXPECT_TRUE(catalog::View::are_equal(*current, anew, kind));
            const auto& names = catalog::names_of(kind);
            const auto list = *json::Object::parse(page);
            for (const auto item : *json::elements(list[names.member], 100'000)) {
                const auto name = *json::Object::parse(item)->string(names.key);
                const auto found = all_of(*current).find(kind, name);
                ASSERT_TRUE(found) << name;
                const auto expected = all_of(anew).find(kind, name);
                EXPECT_EQ((*found)->upstream, (*expected)->upstream) << name;
                EXPECT_EQ((*found)->quoted_original, (*expected)->quoted_original) << name;
            }
        }
    }
};

// Lists in which names meet: of the servers "s1" and "s1-2" (by their prefixes), of equal
// resources, and twice in one list.
catalog::Source meeting(unsigned number, unsigned round) {
    FakeListing listing;
    for (unsigned i = 0; i < 5 + number % 7; ++i) {
        const auto which = std::to_string((i + round * number) % 9);
        listing.tools.push_back(i % 3 == 0 ? "2-t" + which : "t" + which);
        listing.prompts.push_back(i % 4 == 0 ? "p" : "p" + which);
        listing.resources.push_back("f:///" + which);
        listing.templates.push_back("f:///" + which + "/{x}");
    }
    const auto name = "s" + std::to_string(number);
    return {number, name, number % 2 == 0 ? "s-1" : "s-1-2", to_listing(listing)};
}

TEST_F(ViewChange, shows_what_a_new_one_would) {
    for (const auto& chosen :
         {std::vector<std::string>{}, std::vector<std::string>{"s-1-2-t1", "s-1-t3", "nobody"}}) {
        rules.tools = chosen;
        current = nullptr;
        std::vector<catalog::Source> sources;
        for (unsigned round = 0; round < 70; ++round) {
            const auto number = round * 7 % 23;
            const auto there = std::ranges::find(sources, number, &catalog::Source::upstream);
            if (there == sources.end()) {
                const auto at = static_cast<std::ptrdiff_t>(sources.size() / 2);
                sources.insert(sources.begin() + at, meeting(number, round));
            } else if (round % 5 == 0) {
                sources.erase(there);
            } else {
                *there = meeting(number, round);
            }
            if (round % 31 == 30) sources.resize(sources.size() / 3);
            change(sources);
            expect_as_new(sources);
            if (HasFailure()) return;
        }
    }
}

TEST_F(ViewChange, shares_all_that_did_not_change) {
    std::vector<catalog::Source> sources;
    for (unsigned i = 0; i < 30; ++i) {
        FakeListing listing;
        for (unsigned j = 0; j < 100; ++j)
            listing.tools.push_back("tool" + std::to_string(j));
        sources.push_back(source(i, listing));
    }
    change(sources);
    const auto before = current;
    sources[7] = source(7, {.tools = {"one"}});
    change(sources);
    EXPECT_EQ(
        *all_of(*before).find(Kind::tools, "s8-tool1"),
        *all_of(*current).find(Kind::tools, "s8-tool1")
    );
    EXPECT_FALSE(all_of(*current).find(Kind::tools, "s7-tool1"));
    EXPECT_TRUE(all_of(*current).find(Kind::tools, "s7-one"));
    EXPECT_TRUE(all_of(*before).find(Kind::tools, "s7-tool1"));
    EXPECT_TRUE(catalog::View::are_equal(*before, *current, Kind::prompts));
    EXPECT_FALSE(catalog::View::are_equal(*before, *current, Kind::tools));
}

TEST_F(ViewChange, reports_a_problem_of_a_list_once) {
    catalog::Listing listing;
    listing.items[0].push_back(
        {"a",
         R"({"name":"a","inputSchema":{"properties":{"r":{"type":"number","x-mcp-header":"R"}}}})"}
    );
    auto bad = std::make_shared<const catalog::Listing>(std::move(listing));
    std::vector<catalog::Source> sources{{0, "gh", "gh", std::move(bad)}};
    change(sources);
    EXPECT_EQ(problems.size(), 1);
    sources.push_back(source(1, {.tools = {"b"}}));
    change(sources);
    EXPECT_EQ(problems, std::vector<std::string>());
}

TEST_F(ViewChange, other_rules_hold_for_all_that_was_there) {
    std::vector<catalog::Source> sources{
        source(0, {.tools = {"a", "b"}, .resources = {"f:///a"}}), source(1, {.tools = {"a"}})
    };
    change(sources);
    rules.separator = "_";
    rules.tools = {"s0_b"};
    change(sources);
    expect_as_new(sources);
    EXPECT_TRUE(all_of(*current).find(Kind::tools, "s0_b"));
    EXPECT_FALSE(all_of(*current).find(Kind::tools, "s0-b"));
    sources[0].tools.hidden = {"b"};
    rules.tools = {};
    change(sources);
    expect_as_new(sources);
    EXPECT_FALSE(all_of(*current).find(Kind::tools, "s0_b"));
}

// Each time it is configured anew it has another number.
TEST_F(ViewChange, forgets_the_parts_of_servers_that_are_gone) {
    for (unsigned number = 1; number <= 1000; number++) {
        auto configured = source(number, {.tools = {"a"}});
        configured.name = configured.prefix = "s";
        change({configured});
    }
    EXPECT_LE(parts.size(), 70U);
    EXPECT_TRUE(all_of(*current).find(Kind::tools, "s-a"));
}

}  // namespace
}  // namespace gw::test
