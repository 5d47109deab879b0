#include "catalog/name_table.hpp"

#include "base/text_hash.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gw::test {
namespace {

using catalog::Member;
using catalog::NameTable;

// Members by their names, with the hashes of these.
std::vector<Member> named(const std::vector<std::string>& names) {
    std::vector<Member> members;
    for (const auto& name : names) {
        Member member;
        member.entry.name = name;
        member.name_hash = TextHash()(name);
        members.push_back(std::move(member));
    }
    return members;
}

TEST(NameTable, finds_every_name_whatever_the_size) {
    EXPECT_EQ(NameTable().find("a"), nullptr);
    for (const std::size_t size : {1U, 2U, 3U, 63U, 64U, 65U, 1000U}) {
        std::vector<std::string> names;
        for (std::size_t i = 0; i < size; ++i)
            names.push_back("name-" + std::to_string(i));
        const auto members = named(names);
        const auto table = NameTable().with({}, {&members});
        for (std::size_t i = 0; i < size; ++i)
            ASSERT_EQ(table.find(names[i]), &members[i]) << size;
        EXPECT_EQ(table.find("name-" + std::to_string(size)), nullptr);
        EXPECT_EQ(table.find(""), nullptr);
    }
}

TEST(NameTable, finds_none_by_a_name_that_two_have) {
    const auto members = named({"a", "b", "a"});
    const auto table = NameTable().with({}, {&members});
    EXPECT_EQ(table.find("a"), nullptr);
    EXPECT_EQ(table.find("b"), &members[1]);
}

TEST(NameTable, tells_names_apart_that_have_one_hash) {
    for (const auto& others :
         {std::vector<std::string>{"z"}, {"0"}, {"0", "1", "x", "z"}, {"0", "0", "1"}}) {
        auto members = named(others);
        for (auto& member : members)
            member.name_hash = TextHash()("name");
        const auto one = named({"name"});
        EXPECT_EQ(NameTable().with({}, {&members, &one}).find("name"), one.data());
        const auto two = named({"name", "name"});
        EXPECT_EQ(NameTable().with({}, {&members, &two}).find("name"), nullptr);
        EXPECT_EQ(NameTable().with({}, {&members}).find("name"), nullptr);
    }
}

}  // namespace
}  // namespace gw::test
