#include "mcp/impl/checked_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gw::test {
namespace {

using mcp::impl::CheckedText;

// Every value in `text`, with the names of members before them.
std::string walked(CheckedText& text) {
    std::string out;
    const char first = text.peek();
    if (first == '{') {
        text.members([&](std::string_view name) {
            out.append(name).append(":").append(walked(text)).append(" ");
        });
        return "{" + out + "}";
    }
    if (first == '[') {
        text.elements([&] { out.append(walked(text)).append(" "); });
        return "[" + out + "]";
    }
    return std::string(text.value());
}

std::string walk(std::string_view json) {
    CheckedText text(json);
    return walked(text);
}

TEST(CheckedText, passes_every_value_once) {
    EXPECT_EQ(
        walk(R"( { "a" : [ 1 ,-2.5e3, "x\"]}\\" ,null ] , "\"b": {} ,"c":[] } )"),
        R"({"a":[1 -2.5e3 "x\"]}\\" null ] "\"b":{} "c":[] })"
    );
    for (const std::string_view value :
         {R"("")", R"("\\")", R"("\\\"")", "true", "12", "[]", "{}", R"({"a":["]",{"b":"}"}]})"}) {
        EXPECT_EQ(CheckedText(value).value(), value);
        const auto behind = std::string(value) + " ,7";
        EXPECT_EQ(CheckedText(behind).value(), value);
    }
}

TEST(CheckedText, ends_whatever_it_is_given) {
    for (const std::string_view broken :
         {"",
          " ",
          "[",
          "{",
          "[1",
          "{\"a\"",
          "{\"a\":",
          "[[[",
          "\"",
          "\"\\",
          "{\"a\":1,",
          "[1,",
          "}",
          "]",
          "{1:2}",
          "[,,]",
          "{,}"}) {
        walk(broken);
        CheckedText(broken).value();
    }
}

}  // namespace
}  // namespace gw::test
