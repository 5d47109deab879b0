#include "http/text.hpp"

#include "http/impl/scan.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace gw::http::test {
namespace {

template <typename Append, typename Value>
std::string text_of(Append append, Value value) {
    Buffer out;  // NOLINT(misc-const-correctness): `append` is not known yet.
    append(out, value);
    return std::string(out.view());
}

std::string date(std::int64_t seconds) {
    return text_of(append_date, WallTime(std::chrono::seconds(seconds)));
}

TEST(text, writes_numbers) {
    EXPECT_EQ(text_of(append_number, 0U), "0");
    EXPECT_EQ(text_of(append_number, UINT64_MAX), "18446744073709551615");
    EXPECT_EQ(text_of(append_hex, 0xabc0U), "abc0");
}

TEST(text, writes_dates) {
    EXPECT_EQ(date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(date(1709251199), "Thu, 29 Feb 2024 23:59:59 GMT");
    EXPECT_EQ(
        text_of(append_date, WallTime(std::chrono::milliseconds(1999))),
        "Thu, 01 Jan 1970 00:00:01 GMT"
    );
}

TEST(text, trims_spaces_and_tabs) {
    EXPECT_EQ(trim("\t a b \t"), "a b");
    EXPECT_EQ(trim(" \t"), "");
}

TEST(text, gives_reasons) {
    EXPECT_EQ(reason(200), "OK");
    EXPECT_EQ(reason(503), "Service Unavailable");
    EXPECT_EQ(reason(299), "");
}

// Every byte, at every place of a block and in the tail behind it.
template <typename Class>
void expect_found_everywhere() {
    for (std::size_t at = 0; at < 40; ++at) {
        for (unsigned byte = 0; byte < 256; ++byte) {
            std::string text(40, 'a');
            text[at] = static_cast<char>(byte);
            const bool holds = Class::holds(static_cast<unsigned char>(byte));
            const auto* const end = text.data() + text.size();
            EXPECT_EQ(impl::find<Class>(text.data(), end) - text.data(), holds ? at : 40)
                << byte << " at " << at;
        }
    }
}

TEST(scan, finds_the_same_in_blocks_as_in_bytes) {
    expect_found_everywhere<impl::NotVisible>();
    expect_found_everywhere<impl::NameEnd>();
    expect_found_everywhere<impl::Control>();
    expect_found_everywhere<impl::LineEnd>();
}

}  // namespace
}  // namespace gw::http::test
