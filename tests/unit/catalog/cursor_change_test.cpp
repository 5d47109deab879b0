#include "base/json.hpp"
#include "catalog/visible_view.hpp"
#include "support/all_of.hpp"
#include "support/fake_listing.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace gw::test {
namespace {

using catalog::Form;
using catalog::Kind;
using Names = std::vector<std::string>;

// A client that has had some pages of a list when it changes.
class CursorChange : public testing::Test {
protected:
    // What a server lists.
    struct Server {
        std::string name;
        Names tools;
    };

    using Servers = std::vector<Server>;

    catalog::CursorSeal seal{catalog::CursorSeal::Key{1, 2, 3}};
    catalog::ViewRules rules;
    std::uint64_t order = 0;

    CursorChange() { rules.page_size = 2; }

    catalog::View view(const Servers& servers) const {
        std::vector<catalog::Source> sources;
        for (const auto& [name, tools] : servers) {
            const auth::UpstreamNumber number = static_cast<unsigned char>(name.front());
            sources.push_back({number, name, name, to_listing({.tools = tools})});
        }
        std::vector<std::string> ignored;
        return {rules, std::move(sources), seal, ignored, {.order = order}};
    }

    // Takes one page, and leaves the cursor of the next.
    static std::string page(const catalog::View& view, std::string& cursor) {
        const auto seen = all_of(view);
        const auto begin = seen.begin_of(Kind::tools, cursor);
        if (!begin) return to_string(begin.error());
        const auto text = seen.page(Kind::tools, Form::stateless, *begin);
        const auto result = *json::Object::parse(text);
        std::string found;
        for (const auto each : *json::elements(result["tools"], 100))
            found += (found.empty() ? "" : " ") + *json::Object::parse(each)->string("name");
        cursor = result.string("nextCursor").value_or("");
        return found;
    }

    // All that a client gets who asks `before` for `count` pages, and `after` for the rest.
    std::string all(
        const Servers& before, int count, const Servers& after, std::uint64_t order_after = 0
    ) {
        order = 0;
        std::string got;
        std::string cursor;
        const auto first = view(before);
        for (int i = 0; i < count; ++i)
            got += page(first, cursor) + " | ";
        order = order_after;
        const auto second = view(after);
        do {
            got += page(second, cursor) + " ";
        } while (!cursor.empty());
        got.pop_back();
        return got;
    }
};

TEST_F(CursorChange, what_comes_or_goes_behind_it_is_seen_as_it_is) {
    EXPECT_EQ(
        all({{"s", {"a", "b", "c", "d"}}}, 1, {{"s", {"a", "b", "x", "d", "y"}}}),
        "s-a s-b | s-x s-d s-y"
    );
    EXPECT_EQ(all({{"s", {"a", "b", "c"}}}, 1, {{"s", {"a", "b"}}}), "s-a s-b | ");
}

TEST_F(CursorChange, what_was_listed_in_another_order_is_not_listed_again) {
    EXPECT_EQ(
        all({{"s", {"a", "b", "c", "d"}}}, 1, {{"s", {"b", "a", "d", "c"}}}), "s-a s-b | s-d s-c"
    );
}

TEST_F(CursorChange, a_server_whose_order_cannot_be_followed_is_listed_again) {
    EXPECT_EQ(all({{"s", {"a", "b", "c"}}}, 1, {{"s", {"c", "a", "b"}}}), "s-a s-b | s-c s-a s-b");
    EXPECT_EQ(
        all({{"r", {"x"}}, {"s", {"a", "b", "c"}}}, 1, {{"r", {"x"}}, {"s", {"b", "c"}}}),
        "r-x s-a | s-b s-c"
    );
}

TEST_F(CursorChange, a_server_that_comes_or_goes_before_it_moves_nothing) {
    const Servers before{{"r", {"x"}}, {"s", {"a", "b", "c"}}};
    EXPECT_EQ(
        all(before, 1, {{"n", {"1", "2", "3"}}, {"r", {"x"}}, {"s", {"a", "b", "c"}}}),
        "r-x s-a | s-b s-c"
    );
    EXPECT_EQ(all(before, 1, {{"s", {"a", "b", "c"}}}), "r-x s-a | s-b s-c");
    EXPECT_EQ(all(before, 1, {{"r", {"x", "y"}}, {"s", {"a", "b", "c"}}}), "r-x s-a | s-b s-c");
}

TEST_F(CursorChange, a_server_that_lists_nothing_more_is_passed_over) {
    EXPECT_EQ(
        all({{"r", {"x", "y", "z"}}, {"s", {"a"}}}, 1, {{"r", {"x", "y"}}, {"s", {"a"}}}),
        "r-x r-y | s-a"
    );
}

TEST_F(CursorChange, one_in_a_server_that_is_gone_begins_anew) {
    EXPECT_EQ(all({{"s", {"a", "b", "c"}}}, 1, {{"r", {"x"}}}), "s-a s-b | r-x");
    EXPECT_EQ(all({{"s", {"a", "b", "c"}}}, 1, {}), "s-a s-b | ");
}

TEST_F(CursorChange, servers_in_another_order_are_listed_anew) {
    const auto first = view({{"r", {"x", "y"}}, {"s", {"a", "b"}}});
    std::string cursor;
    EXPECT_EQ(page(first, cursor), "r-x r-y");
    order = 1;
    EXPECT_EQ(page(view({{"s", {"a", "b"}}, {"r", {"x", "y"}}}), cursor), "s-a s-b");
    EXPECT_EQ(page(view({{"s", {"a", "b"}}, {"r", {"x", "y"}}}), cursor), "r-x r-y");
}

TEST_F(CursorChange, lists_that_an_operator_has_chosen_go_on_in_the_same_way) {
    rules.tools = {"r-x", "s-a", "s-b", "s-c", "s-d"};
    EXPECT_EQ(
        all({{"r", {"x"}}, {"s", {"a", "b", "c", "d"}}}, 1, {{"s", {"a", "n", "b", "c", "d"}}}),
        "r-x s-a | s-b s-c s-d"
    );
    EXPECT_EQ(
        all({{"s", {"a", "b", "c", "d"}}}, 1, {{"s", {"d", "a", "b", "c"}}}),
        "s-a s-b | s-d s-a s-b s-c"
    );
}

// Each permutation of what stays, with one that comes and one that goes: nothing is left out.
TEST_F(CursorChange, nothing_that_stays_is_ever_left_out) {
    const Servers before{{"r", {"x", "y", "z"}}, {"s", {"a", "b", "c"}}};
    Names tools{"a", "b", "c"};
    do {
        for (const auto& others : {Names{"x", "y", "z"}, Names{"z", "x"}, Names{"w", "x", "y"}}) {
            auto with_new = tools;
            with_new.insert(with_new.begin(), "new");
            for (const auto& list : {tools, with_new}) {
                for (const bool is_turned : {false, true}) {
                    for (int count = 1; count <= 2; ++count) {
                        Servers after{{"r", others}, {"s", list}};
                        if (is_turned) std::ranges::reverse(after);
                        const auto got = all(before, count, after, is_turned ? 1 : 0) + " ";
                        for (const auto& name : {"s-a ", "s-b ", "s-c ", "r-x "})
                            EXPECT_TRUE(got.contains(name)) << name << "in " << got;
                    }
                }
            }
        }
    } while (std::ranges::next_permutation(tools).found);
}

}  // namespace
}  // namespace gw::test
