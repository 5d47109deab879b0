#include "catalog/visible_view.hpp"

#include "base/json.hpp"
#include "catalog/pages.hpp"
#include "support/all_of.hpp"
#include "support/fake_listing.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gw::test {
namespace {

using catalog::Form;
using catalog::Kind;
using catalog::VisibleSet;
using catalog::VisibleView;

// Two servers, and what somebody sees of them: what has none of the hidden words in its name.
class VisibleViews : public testing::Test {
protected:
    catalog::CursorSeal seal{catalog::CursorSeal::Key{1, 2, 3}};
    catalog::ViewRules rules;
    catalog::PartMaker parts;
    std::vector<catalog::Source> sources;
    catalog::ViewHandle view;

    VisibleViews() {
        rules.page_size = 2;
        show(
            {.tools = {"a", "secret-b", "c", "secret-d", "e", "secret-f"},
             .prompts = {"p", "secret-p"},
             .resources = {"f:///x", "f:///secret"},
             .templates = {"g:///{x}", "f:///{x}", "secret:///{x}"},
             .instructions = "Of gh."},
            {.tools = {"secret-t"}, .instructions = "Of time."}
        );
    }

    void show(const FakeListing& gh, const FakeListing& time) {
        sources = {{0, "gh", "gh", to_listing(gh)}, {1, "time", "time", to_listing(time)}};
        make();
    }

    void make(catalog::Gaps gaps = {}) {
        std::vector<std::string> ignored;
        view = std::make_shared<const catalog::View>(
            rules,
            sources,
            seal,
            ignored,
            catalog::ViewTerms{.gaps = std::move(gaps), .before = view, .parts = &parts}
        );
    }

    static VisibleSet without(const catalog::View& view, const std::vector<std::string>& words) {
        return {view.parts(), [&](Kind, const catalog::Member& member) {
                    return std::ranges::none_of(words, [&](const auto& word) {
                        return member.entry.name.contains(word);
                    });
                }};
    }

    // The names on all pages, those of one in brackets.
    static std::string listed(const VisibleView& seen, Kind kind = Kind::tools) {
        std::string all;
        std::string cursor;
        do {
            all += '[' + names(seen, kind, cursor) + ']';
        } while (!cursor.empty());
        return all;
    }

    static std::string names(const VisibleView& seen, Kind kind, std::string& cursor) {
        const auto page = seen.page(kind, Form::stateless, *seen.begin_of(kind, cursor));
        const auto result = *json::Object::parse(page);
        const auto& words = catalog::names_of(kind);
        std::string found;
        for (const auto each : *json::elements(result[words.member], 100))
            found += (found.empty() ? "" : " ") + *json::Object::parse(each)->string(words.key);
        cursor = result.string("nextCursor").value_or("");
        return found;
    }

    static std::string resource(const VisibleView& seen, std::string_view uri) {
        const auto found = seen.find_resource(uri);
        return found ? std::to_string(found->upstream) : to_string(found.error());
    }
};

TEST_F(VisibleViews, list_what_is_seen_on_full_pages) {
    const auto set = without(*view, {"secret"});
    const VisibleView seen(*view, &set);
    EXPECT_EQ(listed(seen), "[gh-a gh-c][gh-e]");
    EXPECT_EQ(listed(seen, Kind::prompts), "[gh-p]");
    EXPECT_EQ(listed(seen, Kind::resources), "[f:///x]");
    EXPECT_EQ(listed(seen, Kind::templates), "[g:///{x} f:///{x}]");
    EXPECT_EQ(
        listed(all_of(*view)),
        "[gh-a gh-secret-b][gh-c gh-secret-d][gh-e gh-secret-f][time-secret-t]"
    );
}

TEST_F(VisibleViews, have_no_empty_page_after_which_more_follows) {
    for (const auto& hidden : std::vector<std::vector<std::string>>{
             {"gh-a", "secret-b"}, {"c", "secret-d"}, {"gh"}, {"gh-e", "secret-f", "time"}, {"-"}
         }) {
        const auto set = without(*view, hidden);
        const auto pages = listed(VisibleView(*view, &set));
        if (pages != "[]") {
            EXPECT_FALSE(pages.contains("[]")) << pages;
        }
    }
}

TEST_F(VisibleViews, answer_for_what_is_not_seen_as_for_what_is_not_there) {
    const auto set = without(*view, {"secret"});
    const VisibleView seen(*view, &set);
    EXPECT_TRUE(seen.find(Kind::tools, "gh-a"));
    EXPECT_EQ(
        to_string(seen.find(Kind::tools, "gh-secret-b").error()), "not_found: unknown: gh-secret-b"
    );
    EXPECT_EQ(
        to_string(seen.find(Kind::tools, "gh-nothing").error()), "not_found: unknown: gh-nothing"
    );
    EXPECT_FALSE(seen.find(Kind::prompts, "gh-secret-p"));
    EXPECT_EQ(resource(seen, "g:///1"), "0");
    EXPECT_EQ(resource(all_of(*view), "secret:///1"), "0");
    EXPECT_EQ(resource(seen, "secret:///1"), resource(seen, "nothing:///1"));
    EXPECT_TRUE(all_of(*view).find_template("secret:///{x}"));
    EXPECT_EQ(
        to_string(seen.find_template("secret:///{x}").error()),
        to_string(seen.find_template("nothing:///{x}").error())
    );
}

// Else who may use the template could read what he may not see.
TEST_F(VisibleViews, have_no_template_for_a_resource_that_is_listed_and_not_seen) {
    const auto set = without(*view, {"secret"});
    const VisibleView seen(*view, &set);
    EXPECT_EQ(resource(seen, "f:///other"), "0");
    EXPECT_EQ(resource(seen, "f:///secret"), resource(seen, "nothing:///1"));
}

TEST_F(VisibleViews, pass_nothing_on_that_is_not_listed) {
    rules.has_plain_names = true;
    sources.resize(1);
    make();
    EXPECT_TRUE(all_of(*view).transparent_for(Kind::tools));
    EXPECT_EQ(resource(all_of(*view), "nothing:///1"), "0");
    const auto set = without(*view, {});
    const VisibleView seen(*view, &set);
    EXPECT_FALSE(seen.transparent_for(Kind::tools));
    EXPECT_EQ(resource(seen, "nothing:///1"), "resource_not_found: Resource not found");
}

// So nobody learns from a name that something else has it, and who sees more loses none.
TEST_F(VisibleViews, have_the_names_of_the_whole_view) {
    show({.tools = {"a b", "a-b"}}, {.tools = {"t"}});
    const auto whole = listed(all_of(*view));
    const auto set = without(*view, {"time"});
    EXPECT_EQ(listed(VisibleView(*view, &set)) + "[time-t]", whole);
    const VisibleSet first(view->parts(), [](Kind, const catalog::Member& member) {
        return member.item->key == "a-b";
    });
    const auto name = listed(VisibleView(*view, &first));
    EXPECT_TRUE(whole.contains(name.substr(1, name.size() - 2)));
    EXPECT_TRUE(name.contains("gh-a-b-")) << name;
}

TEST_F(VisibleViews, take_cursors_that_were_given_to_who_sees_more_or_less) {
    const auto set = without(*view, {"secret"});
    const VisibleView seen(*view, &set);
    std::string cursor;
    EXPECT_EQ(names(seen, Kind::tools, cursor), "gh-a gh-c");
    auto for_all = cursor;
    EXPECT_EQ(names(all_of(*view), Kind::tools, for_all), "gh-e gh-secret-f");
    EXPECT_EQ(names(seen, Kind::tools, cursor), "gh-e");
    names(all_of(*view), Kind::tools, cursor);
    EXPECT_EQ(names(seen, Kind::tools, cursor), "gh-c gh-e");
    EXPECT_EQ(cursor, "");
}

TEST_F(VisibleViews, show_nothing_of_a_list_that_came_after_the_set) {
    const auto set = without(*view, {"secret-t"});
    sources[0] = {0, "gh", "gh", to_listing({.tools = {"a", "new"}})};
    sources[1].prefix = "time";
    make();
    const VisibleView seen(*view, &set);
    EXPECT_EQ(listed(seen), "[]");
    EXPECT_FALSE(seen.find(Kind::tools, "gh-a"));
    EXPECT_TRUE(all_of(*view).find(Kind::tools, "gh-a"));
    EXPECT_TRUE(seen.sources().empty());
    const auto later = without(*view, {"secret-t"});
    EXPECT_EQ(listed(VisibleView(*view, &later)), "[gh-a gh-new]");
}

TEST_F(VisibleViews, stay_as_they_were_when_another_list_changes) {
    const auto set = without(*view, {"secret"});
    sources[1] = {1, "time", "time", to_listing({.tools = {"now"}})};
    make();
    EXPECT_EQ(listed(VisibleView(*view, &set)), "[gh-a gh-c][gh-e]");
}

TEST_F(VisibleViews, have_the_words_of_servers_of_which_something_is_seen) {
    rules.instructions = "Ours.";
    make({.missing = {{2, "gone", "it is down"}}});
    const auto set = without(*view, {"secret"});
    const VisibleView seen(*view, &set);
    EXPECT_EQ(seen.instructions(), "Ours.\n\n# gh\n\nOf gh.");
    EXPECT_EQ(all_of(*view).instructions(), "Ours.\n\n# gh\n\nOf gh.\n\n# time\n\nOf time.");
    ASSERT_EQ(seen.sources().size(), 1);
    EXPECT_EQ(seen.sources()[0]->name, "gh");
    EXPECT_TRUE(seen.missing().empty());
    EXPECT_EQ(all_of(*view).missing().size(), 1);
}

TEST_F(VisibleViews, that_not_everybody_has_are_not_kept_for_others) {
    const auto set = without(*view, {});
    const VisibleView seen(*view, &set);
    const std::chrono::minutes most(1);
    EXPECT_TRUE(all_of(*view).cache_of(Kind::tools, {}, most).is_public);
    EXPECT_FALSE(seen.cache_of(Kind::tools, {}, most).is_public);
    EXPECT_TRUE(all_of(*view).cache_of_profile(most).is_public);
    EXPECT_FALSE(seen.cache_of_profile(most).is_public);
}

TEST_F(VisibleViews, share_pages_if_they_show_the_same) {
    catalog::Pages pages;
    const auto page = [&](const VisibleSet* set) {
        return *pages.get(VisibleView(*view, set), Kind::tools, Form::stateless, "");
    };
    const auto some = without(*view, {"secret"});
    const auto same = without(*view, {"secret", "nothing"});
    const auto fewer = without(*view, {"secret", "gh-a"});
    const auto others = without(*view, {"gh-a"});
    const auto whole = without(*view, {});
    EXPECT_EQ(some.digest(), same.digest());
    EXPECT_EQ(page(&some), page(&same));
    std::vector<std::shared_ptr<const std::string>> all;
    for (const auto* set :
         {&some, &fewer, &others, &whole, static_cast<const VisibleSet*>(nullptr)})
        all.push_back(page(set));
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j)
            EXPECT_NE(all[i], all[j]) << i << " " << j;
    }
    EXPECT_FALSE(page(&fewer)->contains("gh-a"));
}

// The bits of two parts must not be taken for those of others.
TEST_F(VisibleViews, of_other_parts_have_another_digest) {
    show({.tools = {"a", "secret-b"}}, {.tools = {"a", "secret-b"}});
    const auto only = [&](std::string_view server) {
        return VisibleSet(view->parts(), [&](Kind, const catalog::Member& member) {
            return member.entry.name.starts_with(server);
        });
    };
    EXPECT_NE(only("gh").digest(), only("time").digest());
    EXPECT_EQ(only("gh").digest(), only("g").digest());
    const auto before = without(*view, {"secret"});
    show({.tools = {"a", "secret-b"}}, {.tools = {"a", "secret-b"}});
    EXPECT_NE(without(*view, {"secret"}).digest(), before.digest());
}

TEST_F(VisibleViews, of_which_nothing_is_seen_are_one) {
    const auto nothing = without(*view, {"-", ":"});
    show({.tools = {"z"}}, {});
    EXPECT_EQ(nothing.digest(), without(*view, {"-"}).digest());
    EXPECT_NE(nothing.digest(), VisibleSet::Digest());
}

}  // namespace
}  // namespace gw::test
