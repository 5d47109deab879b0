#include "telemetry/log.hpp"

#include "base/json_scanner.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace gw::test {
namespace {

using namespace std::chrono_literals;
using telemetry::Format;
using telemetry::Level;

// 2025-11-25 08:09:07.005 UTC.
const WallTime when =
    std::chrono::sys_days(std::chrono::year(2025) / 11 / 25) + 8h + 9min + 7s + 5ms;

TEST(Log, writes_a_line_of_json_with_numbers_as_numbers) {
    EXPECT_EQ(
        to_line(
            Format::json,
            when,
            Level::warning,
            "slow",
            {{"upstream", "gh"}, {"milliseconds", "1500", true}}
        ),
        R"({"time":"2025-11-25T08:09:07.005Z","level":"warning","event":"slow",)"
        R"("upstream":"gh","milliseconds":1500})"
    );
}

TEST(Log, writes_the_same_as_text) {
    EXPECT_EQ(
        to_line(
            Format::text,
            when,
            Level::info,
            "slow",
            {{"upstream", "gh"}, {"milliseconds", "1500", true}}
        ),
        R"(2025-11-25T08:09:07.005Z info slow upstream="gh" milliseconds=1500)"
    );
}

TEST(Log, names_every_level) {
    std::string levels;
    for (const auto level : {Level::debug, Level::info, Level::warning, Level::error}) {
        const auto line = to_line(Format::text, when, level, "e", {});
        levels += line.substr(line.find(' '));
    }
    EXPECT_EQ(levels, " debug e info e warning e error e");
}

TEST(Log, stays_one_valid_line_whatever_a_value_holds) {
    const std::string nasty("a\r\nlevel=error \"q\" \x01 \xff \\ \0 end", 30);
    for (const auto format : {Format::json, Format::text}) {
        const auto line = to_line(format, when, Level::error, "failed", {{"text", nasty}});
        EXPECT_EQ(line.find_first_of("\r\n"), std::string::npos) << line;
        EXPECT_EQ(line.find('\0'), std::string::npos) << line;
    }
    EXPECT_TRUE(json::is_valid(
        to_line(Format::json, when, Level::error, nasty, {{"text", nasty}, {nasty, "x"}})
    ));
}

}  // namespace
}  // namespace gw::test
