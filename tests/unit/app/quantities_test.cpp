#include "app/quantities.hpp"

#include <gtest/gtest.h>

namespace gw::app::test {
namespace {

std::string time(std::string_view text) {
    const auto value = parse_time(text);
    return value ? std::to_string(value->count()) : "none";
}

std::string bytes(std::string_view text) {
    const auto value = parse_bytes(text);
    return value ? std::to_string(*value) : "none";
}

TEST(quantities, times_have_a_unit) {
    EXPECT_EQ(time("50ms"), "50");
    EXPECT_EQ(time("3s"), "3000");
    EXPECT_EQ(time("5m"), "300000");
    EXPECT_EQ(time("1h"), "3600000");
    EXPECT_EQ(time("0s"), "0");
    for (const auto* text : {"", "5", "s", "5 s", "-5s", "+5s", "1.5s", "5S", "5sec", "5d", "0x5s"})
        EXPECT_EQ(time(text), "none") << text;
}

TEST(quantities, sizes_are_bytes_without_a_unit) {
    EXPECT_EQ(bytes("16"), "16");
    EXPECT_EQ(bytes("32KiB"), "32768");
    EXPECT_EQ(bytes("16MiB"), "16777216");
    EXPECT_EQ(bytes("2GiB"), "2147483648");
    for (const auto* text : {"", "KiB", "16MB", "16 MiB", "-1", "1e3", "16mib", "1.5MiB"})
        EXPECT_EQ(bytes(text), "none") << text;
}

TEST(quantities, that_do_not_fit_are_none) {
    EXPECT_EQ(time("9223372036854775807ms"), "9223372036854775807");
    EXPECT_EQ(time("9223372036854775807s"), "none");
    EXPECT_EQ(time("2562047788016h"), "none");
    EXPECT_EQ(bytes("18446744073709551616"), "none");
    EXPECT_EQ(bytes("99999999999GiB"), "none");
}

TEST(quantities, are_printed_in_the_largest_unit_that_loses_nothing) {
    EXPECT_EQ(time_text(Time(50)), "50ms");
    EXPECT_EQ(time_text(Time(1500)), "1500ms");
    EXPECT_EQ(time_text(Time(90'000)), "90s");
    EXPECT_EQ(time_text(Time(7'200'000)), "2h");
    EXPECT_EQ(time_text(Time(0)), "0s");
    EXPECT_EQ(bytes_text(16 * mib), "16MiB");
    EXPECT_EQ(bytes_text(1000), "1000");
    EXPECT_EQ(bytes_text(0), "0");
}

}  // namespace
}  // namespace gw::app::test
