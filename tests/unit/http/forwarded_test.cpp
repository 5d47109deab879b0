#include "http/forwarded.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace gw::test {
namespace {

using http::ForwardedElement;

// The elements of a list, the last one first.
std::vector<std::string> from_end(std::string_view list) {
    std::vector<std::string> elements;
    for (auto element = http::take_last(list); !element.empty(); element = http::take_last(list))
        elements.emplace_back(element);
    return elements;
}

using Elements = std::vector<std::string>;

TEST(Forwarded, lists_are_read_from_their_end) {
    EXPECT_EQ(from_end("a, b ,\tc"), (Elements{"c", "b", "a"}));
    EXPECT_EQ(from_end("a"), Elements{"a"});
    EXPECT_EQ(from_end(",a,, ,b,"), (Elements{"b", "a"}));
    EXPECT_EQ(from_end(" , ,"), Elements{});
    EXPECT_EQ(from_end(""), Elements{});
}

TEST(Forwarded, commas_in_quoted_strings_are_part_of_them) {
    EXPECT_EQ(from_end(R"(a="x,y", b)"), (Elements{"b", R"(a="x,y")"}));
    EXPECT_EQ(from_end(R"(a, b="x\",y")"), (Elements{R"(b="x\",y")", "a"}));
    EXPECT_EQ(from_end(R"(a, b="x\\")"), (Elements{R"(b="x\\")", "a"}));
}

TEST(Forwarded, what_was_appended_does_not_depend_on_what_is_before_it) {
    const std::string appended = R"(for="[2001:db8::1]:80";proto=https)";
    for (const std::string before :
         {R"(for=")", R"(for="a", ")", R"(")", R"(\)", R"("\)", R"(for="\")", "for=a;", ",,"}) {
        std::string list = before;
        list.append(", ").append(appended);
        std::string_view rest = list;
        EXPECT_EQ(http::take_last(rest), appended) << before;
    }
}

TEST(Forwarded, elements_say_who_how_and_where) {
    EXPECT_EQ(
        http::parse_forwarded("for=192.0.2.43; Proto=https;by=203.0.113.60;HOST=\"gw.example:80\""),
        (ForwardedElement{.node = "192.0.2.43", .proto = "https", .host = "gw.example:80"})
    );
    EXPECT_EQ(
        http::parse_forwarded("secret=x;secret=y;;for=\"_gazonk\""),
        (ForwardedElement{.node = "_gazonk", .proto = {}, .host = {}})
    );
    EXPECT_EQ(http::parse_forwarded("for=[::1]:80")->node, "[::1]:80");
}

TEST(Forwarded, elements_with_two_meanings_have_none) {
    for (const auto* element :
         {"for",
          "for=",
          "for=\"\"",
          "=1.2.3.4",
          "for =1.2.3.4",
          "for= 1.2.3.4",
          "for=1.2.3.4;for=5.6.7.8",
          "for=1.2.3.4;FOR=1.2.3.4",
          "proto=http;proto=https",
          R"(for="1.2.3.4)",
          R"(for=1.2.3.4")",
          R"(for="1.2.3\.4")",
          R"(for="a"b")",
          "for=1.2.3.4 5.6.7.8"}) {
        EXPECT_EQ(http::parse_forwarded(element), std::nullopt) << element;
    }
}

TEST(Forwarded, nodes_are_hosts_with_or_without_a_port) {
    struct Row {
        const char* node;
        const char* host;
    };

    constexpr std::array rows{
        Row{"192.0.2.1", "192.0.2.1"},
        Row{"192.0.2.1:65535", "192.0.2.1"},
        Row{"192.0.2.1:_port", "192.0.2.1"},
        Row{"[2001:db8::1]", "2001:db8::1"},
        Row{"[2001:db8::1]:443", "2001:db8::1"},
        Row{"2001:db8::1", "2001:db8::1"},
        Row{"unknown", "unknown"},
        Row{"_hidden:80", "_hidden"},
        Row{"192.0.2.1:", ""},
        Row{"192.0.2.1:port", ""},
        Row{"192.0.2.1:655350", ""},
        Row{"[2001:db8::1", ""},
        Row{"[2001:db8::1]x", ""},
        Row{"[2001:db8::1]x:80", ""},
        Row{"[2001:db8::1]:", ""},
        Row{"", ""}
    };
    for (const auto& row : rows)
        EXPECT_EQ(http::host_of_node(row.node), row.host) << row.node;
}

}  // namespace
}  // namespace gw::test
