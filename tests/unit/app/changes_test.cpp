#include "app/changes.hpp"

#include "app/settings_table.hpp"

#include <gtest/gtest.h>

#include <type_traits>
#include <variant>

namespace gw::test {
namespace {

using app::Changes;
using app::Settings;
using namespace std::chrono_literals;

app::Upstream upstream(const std::string& name, const std::string& command) {
    app::Upstream made;
    made.name = name;
    made.command = command;
    return made;
}

TEST(Changes, are_named_and_what_needs_a_restart_by_itself) {
    Settings before;
    before.upstreams = {upstream("old", "x"), upstream("same", "x"), upstream("other", "x")};
    auto after = before;
    EXPECT_EQ(find_changes(before, after), Changes{});
    after.timeouts.call = 7s;
    after.sessions.max = 7;
    after.listen = "127.0.0.1:9999";
    after.processes.max = 7;
    after.upstreams = {upstream("same", "x"), upstream("other", "y"), upstream("new", "x")};
    after.servers.emplace_back().id = "team";
    EXPECT_EQ(
        find_changes(before, after),
        (Changes{
            .applied = "sessions.max, timeouts.call, upstreams: other, + new, - old, "
                       "servers: + team",
            .needs_restart = "listen, processes.max"
        })
    );
}

// What is not named as needing a restart is taken over, and the rest stays named until there is
// one.
TEST(Changes, of_every_setting_are_in_effect_or_named_again_at_the_next_reload) {
    for (const auto& setting : app::settings_table()) {
        if (setting.name.contains("NAME") || setting.name.contains("ID")) continue;
        const Settings before;
        auto after = before;
        std::visit(
            [](auto* value) {
                using Value = std::remove_pointer_t<decltype(value)>;
                if constexpr (std::is_same_v<Value, bool>) {
                    *value = !*value;
                } else if constexpr (std::is_same_v<Value, std::size_t> ||
                                     std::is_same_v<Value, app::Time>) {
                    *value += Value(1);
                } else if constexpr (std::is_same_v<Value, std::string>) {
                    *value += "x";
                } else if constexpr (std::is_enum_v<Value>) {
                    *value = static_cast<Value>(*value == Value(0) ? 1 : 0);
                } else if constexpr (std::is_same_v<Value, std::vector<std::string>>) {
                    value->emplace_back("x");
                }
            },
            setting.field(after, 0)
        );
        const auto changes = find_changes(before, after);
        const auto in_effect = settings_in_effect(before, after);
        EXPECT_EQ(changes.applied + changes.needs_restart, setting.name);
        EXPECT_EQ(in_effect == after, changes.needs_restart.empty()) << setting.name;
        EXPECT_EQ(find_changes(in_effect, after).needs_restart, changes.needs_restart);
        EXPECT_EQ(find_changes(in_effect, after).applied, "");
    }
}

TEST(Changes, count_tokens_that_came_went_and_have_other_words) {
    const auto table = [](const std::string& text) { return *app::TokenTable::parse(text, "t"); };
    const auto line = [](char digit, const std::string& words) {
        return "ann:sha256:" + std::string(64, digit) + words + "\n";
    };
    const auto before = table(line('a', "") + line('b', ""));
    const auto changes = [&](const std::string& text) {
        const auto after = table(text);
        return app::token_changes(&before, &after);
    };
    EXPECT_EQ(changes(line('b', " subject=ann") + line('a', "")), "");
    EXPECT_EQ(changes(line('a', "") + line('b', " server=one")), "tokens: 1 changed");
    EXPECT_EQ(
        changes(line('a', " server=one") + line('c', "")), "tokens: 1 added, 1 removed, 1 changed"
    );
}

}  // namespace
}  // namespace gw::test
