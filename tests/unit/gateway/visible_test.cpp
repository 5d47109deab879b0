#include "calling.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gw::test {
namespace {

// What Ann may not see: everything with "secret" in its name.
class Visible : public Calling {
protected:
    Visible() {
        show(
            {.tools = {"search", "secret"},
             .prompts = {"review", "secret"},
             .resources = {"f:///x", "f:///secret"},
             .templates = {"g:///{x}", "secret:///{x}"},
             .has_completions = true,
             .has_subscribe = true},
            {.tools = {"secret-now"}, .instructions = "Words.", .has_logging = true}
        );
        views.visible = [](const catalog::View& view) {
            return std::make_shared<const catalog::VisibleSet>(
                view.parts(),
                [](catalog::Kind, const catalog::Member& member) {
                    return !member.entry.name.contains("secret");
                }
            );
        };
    }

    std::function<catalog::VisibleSetHandle(const catalog::View&)> kept;  // Nothing.

    // The same answer, with another name in it.
    static std::string renamed(std::string text, std::string_view from, std::string_view to) {
        for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at))
            text.replace(at, from.size(), to);
        return text;
    }
};

TEST_F(Visible, what_is_not_seen_is_answered_like_what_is_not_there_and_no_server_hears_of_it) {
    struct Case {
        std::string_view method;
        std::string_view params;  // "secret" is hidden, "nobody" is nowhere.
    };

    const std::vector<Case> cases{
        {"tools/call", R"({"name":"gh-secret"})"},
        {"prompts/get", R"({"name":"gh-secret"})"},
        {"resources/read", R"({"uri":"f:///secret"})"},
        {"resources/read", R"({"uri":"secret:///1"})"},
        {"resources/subscribe", R"({"uri":"f:///secret"})"},
        {"resources/unsubscribe", R"({"uri":"f:///secret"})"},
        {"completion/complete", R"({"ref":{"type":"ref/prompt","name":"gh-secret"}})"},
        {"completion/complete", R"({"ref":{"type":"ref/resource","uri":"secret:///{x}"}})"},
        {"completion/complete", R"({"ref":{"type":"ref/resource","uri":"f:///secret"}})"},
    };
    for (const bool is_slow : {false, true}) {
        views.is_slow = is_slow;
        for (const auto& [method, params] : cases) {
            const auto hidden = answer(method, params);
            const auto missing = answer(method, renamed(std::string(params), "secret", "nobody"));
            EXPECT_EQ(renamed(hidden, "secret", "nobody"), missing) << method << params;
            EXPECT_TRUE(nothing_was_sent()) << method << params;
        }
    }
    views.visible = nullptr;
    for (const auto& [method, params] : cases)
        EXPECT_EQ(answer(method, params), R"("done")") << method << params;
}

TEST_F(Visible, what_is_seen_goes_its_way) {
    EXPECT_EQ(answer("tools/call", R"({"name":"gh-search"})"), R"("done")");
    EXPECT_EQ(answer("resources/read", R"({"uri":"f:///x"})"), R"("done")");
    EXPECT_EQ(answer("resources/read", R"({"uri":"g:///1"})"), R"("done")");
}

TEST_F(Visible, lists_have_nothing_else) {
    for (const auto* method :
         {"tools/list", "prompts/list", "resources/list", "resources/templates/list"}) {
        const auto seen = answer(method, "");
        EXPECT_FALSE(seen.contains("secret")) << seen;
        views.visible.swap(kept);
        EXPECT_TRUE(answer(method, "").contains("secret")) << method;
        views.visible.swap(kept);
        EXPECT_EQ(answer(method, ""), seen);
    }
}

TEST_F(Visible, a_server_of_which_nothing_is_seen_is_not_told_anything) {
    EXPECT_EQ(answer("logging/setLevel", R"({"level":"info"})"), "{}");
    EXPECT_TRUE(nothing_was_sent());
    views.visible = nullptr;
    EXPECT_EQ(answer("logging/setLevel", R"({"level":"info"})"), "{}");
    EXPECT_FALSE(nothing_was_sent());
}

// What only this session's upstream session lists is another part, of which the set is asked anew.
TEST_F(Visible, a_list_of_the_session_itself_is_seen_like_that_of_all) {
    upstreams.own[0] = to_listing({.tools = {"own", "own-secret"}});
    const auto seen = answer("tools/list", "");
    EXPECT_TRUE(seen.contains("gh-own"));
    EXPECT_FALSE(seen.contains("secret"));
    EXPECT_EQ(answer("tools/call", R"({"name":"gh-own"})"), R"("done")");
    EXPECT_TRUE(answer("tools/call", R"({"name":"gh-own-secret"})").contains("Unknown tool"));
}

}  // namespace
}  // namespace gw::test
