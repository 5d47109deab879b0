#include "http/fields.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <string>

namespace gw::http::test {
namespace {

TEST(fields, are_found_by_their_names_in_any_case) {
    for (std::size_t i = 0; i < field_count; ++i) {
        const auto field = static_cast<Field>(i);
        std::string name(to_string(field));
        EXPECT_EQ(field_of(name), field) << name;
        for (auto& c : name)
            c = static_cast<char>(std::toupper(c));
        EXPECT_EQ(field_of(name), field) << name;
    }
    EXPECT_EQ(to_string(Field::host), "host");
    EXPECT_EQ(to_string(Field::x_upstream_authorization), "x-upstream-authorization");
}

TEST(fields, are_not_found_by_other_names) {
    for (std::size_t i = 0; i < field_count; ++i) {
        const std::string name(to_string(static_cast<Field>(i)));
        EXPECT_EQ(field_of(name + "x"), Field::count);
        EXPECT_EQ(field_of(name.substr(1)), Field::count);
        for (std::size_t at = 0; at < name.size(); ++at) {
            auto other = name;
            other[at] = '~';
            EXPECT_EQ(field_of(other), Field::count) << other;
            other[at] = name[at] == '-' ? '_' : static_cast<char>(name[at] ^ 0x40);
            EXPECT_EQ(field_of(other), Field::count) << other;
            other[at] = static_cast<char>(name[at] | 0x80);
            EXPECT_EQ(field_of(other), Field::count) << other;
        }
    }
    EXPECT_EQ(field_of(""), Field::count);
}

}  // namespace
}  // namespace gw::http::test
