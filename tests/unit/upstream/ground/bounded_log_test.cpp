#include "upstream/ground/bounded_log.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace gw::upstream {
namespace {

TEST(bounded_log, counts_what_is_over_the_rate_and_says_so_later) {
    std::vector<std::string> lines;
    const ServerLog sink = [&](std::string_view upstream, std::string_view line) {
        lines.push_back(std::string(upstream) + ": " + std::string(line));
    };
    async::Wheel wheel{TimePoint(std::chrono::hours(1))};
    Config config;
    config.name = "files";
    BoundedLog log(config, sink, wheel);
    for (int i = 0; i < 60; ++i)
        log.write("x");
    EXPECT_EQ(lines.size(), BoundedLog::lines_per_second_max);
    EXPECT_EQ(lines.back(), "files: x");
    wheel.advance(wheel.now() + std::chrono::seconds(1));
    lines.clear();
    log.write("y");
    EXPECT_EQ(lines, (std::vector<std::string>{"files: 10 lines were left out", "files: y"}));
}

}  // namespace
}  // namespace gw::upstream
