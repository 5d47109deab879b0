#include "catalog/cursor.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gw::test {
namespace {

using catalog::CursorSeal;
using catalog::Kind;
using catalog::Position;

const CursorSeal seal(CursorSeal::Key{1, 2, 3});

std::string opened(std::string_view cursor) {
    const auto position = seal.open(cursor);
    if (!position) return to_string(position.error());
    return std::to_string(static_cast<int>(position->kind)) + " " +
           std::to_string(position->generation) + " " + std::to_string(position->offset) + " " +
           std::to_string(position->of_source) + " " + std::to_string(position->source) + " " +
           std::to_string(position->names);
}

constexpr std::string_view refused =
    "invalid_params: \"cursor\" is not one of ours, or has expired";

TEST(Cursor, gives_back_the_position_that_it_was_made_for) {
    EXPECT_EQ(
        opened(seal.seal({Kind::templates, 18446744073709551615U, 4294967295U, 7, 8, 9})),
        "3 18446744073709551615 4294967295 7 8 9"
    );
    EXPECT_EQ(opened(seal.seal({})), "0 0 0 0 0 0");
}

TEST(Cursor, is_the_same_for_the_same_position_only) {
    const Position position{Kind::tools, 7, 1000};
    EXPECT_EQ(seal.seal(position), seal.seal(position));
    EXPECT_NE(seal.seal(position), seal.seal({Kind::prompts, 7, 1000}));
    EXPECT_NE(seal.seal(position), seal.seal({Kind::tools, 8, 1000}));
    EXPECT_NE(seal.seal(position), seal.seal({Kind::tools, 7, 1001}));
    EXPECT_NE(seal.seal(position), seal.seal({Kind::tools, 7, 1000, 1}));
    EXPECT_NE(seal.seal(position), seal.seal({Kind::tools, 7, 1000, 0, 1}));
    EXPECT_NE(seal.seal(position), seal.seal({Kind::tools, 7, 1000, 0, 0, 1}));
}

TEST(Cursor, says_nothing_to_those_who_read_it) {
    const auto one = seal.seal({Kind::tools, 7, 1000});
    const auto next = seal.seal({Kind::tools, 7, 2000});
    std::size_t same = 0;
    for (std::size_t i = 0; i < one.size(); ++i)
        same += one[i] == next[i] ? 1U : 0U;
    EXPECT_EQ(one.size(), next.size());
    EXPECT_LT(same, one.size() / 4) << one << " " << next;
}

TEST(Cursor, that_was_changed_anywhere_is_refused) {
    const auto good = seal.seal({Kind::tools, 7, 1000});
    for (std::size_t i = 0; i < good.size(); ++i) {
        auto bad = good;
        bad[i] = bad[i] == 'A' ? 'B' : 'A';
        EXPECT_EQ(opened(bad), refused) << i;
    }
}

TEST(Cursor, that_is_none_is_refused) {
    const auto good = seal.seal({Kind::tools, 7, 1000});
    for (const auto& text :
         {std::string(),
          std::string("2"),
          good + "A",
          good.substr(1),
          good.substr(0, 70),
          good + "=",
          " " + good,
          good + "\n",
          std::string(10'000, 'A'),
          std::string(71, '\0')}) {
        EXPECT_EQ(opened(text), refused) << text;
    }
}

TEST(Cursor, of_another_process_is_refused) {
    const CursorSeal other(CursorSeal::Key{1, 2, 4});
    EXPECT_EQ(opened(other.seal({Kind::tools, 7, 1000})), refused);
}

}  // namespace
}  // namespace gw::test
