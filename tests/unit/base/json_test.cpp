#include "base/json.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace gw::test {
namespace {

// The outcome of Object::parse on one line.
std::string parsed(std::string_view text) {
    const auto object = json::Object::parse(text);
    if (!object) return to_string(object.error());
    std::string line;
    for (const auto& member : object->members()) {
        line += member.name + "=" + std::string(member.value) + ";";
    }
    return line;
}

TEST(Json, an_object_is_its_members_as_they_were_written) {
    EXPECT_EQ(parsed("{}"), "");
    EXPECT_EQ(parsed(" { } "), "");
    EXPECT_EQ(
        parsed(R"({"a" : 1.50 , "\u0062\n" : {"x":[1, 2]} ,"":"\u0041"})"),
        "a=1.50;b\n={\"x\":[1, 2]};=\"\\u0041\";"
    );
    EXPECT_EQ(parsed(R"({"a":{"b":1,"b":2}})"), R"(a={"b":1,"b":2};)");
    EXPECT_EQ(parsed(R"({"a":1,"A":2})"), "a=1;A=2;");
}

TEST(Json, an_object_has_each_name_once_in_any_spelling) {
    EXPECT_EQ(parsed(R"({"a":1,"b":2,"a":3})"), R"(invalid_request: "a" stands twice)");
    EXPECT_EQ(parsed(R"({"a":1,"\u0061":3})"), R"(invalid_request: "a" stands twice)");
    EXPECT_EQ(parsed(R"({"":1,"x":0,"":3})"), R"(invalid_request: "" stands twice)");
    EXPECT_EQ(parsed(R"({"\n":1,"\u000a":3})"), R"(invalid_request: "\u000a" stands twice)");
}

TEST(Json, what_is_no_object_is_told_from_what_is_no_json) {
    for (const auto* text : {"[]", "1", "\"{}\"", "null", " [ {} ] "}) {
        EXPECT_EQ(parsed(text), "invalid_request: not a JSON object") << text;
    }
    for (const auto* text :
         {"", "{", "[", "{}}", "{} 1", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "nul", "[1,]"
         }) {
        EXPECT_EQ(parsed(text), "malformed: not valid JSON") << text;
    }
}

TEST(Json, an_object_has_at_most_1024_members) {
    std::string text = "{\"0\":0";
    for (int i = 1; i < 1024; ++i)
        text += ",\"" + std::to_string(i) + "\":0";
    EXPECT_EQ(json::Object::parse(text + "}")->members().size(), 1024U);
    EXPECT_EQ(parsed(text + ",\"x\":0}"), "invalid_request: an object has over 1024 members");
}

TEST(Json, members_are_read_by_the_type_that_is_wanted) {
    const std::string text = R"({"s":"a\u0062","o":{"x":1},"n":12})";
    const auto object = *json::Object::parse(text);
    EXPECT_EQ(object["n"], "12");
    EXPECT_EQ(object["absent"], "");
    EXPECT_EQ(object.string("s"), "ab");
    EXPECT_EQ(object.object("o"), R"({"x":1})");
    EXPECT_EQ(object.object("absent"), "{}");
    EXPECT_EQ(to_string(object.string("n").error()), R"(invalid_params: "n" must be a string)");
    EXPECT_EQ(
        to_string(object.string("absent").error()), R"(invalid_params: "absent" must be a string)"
    );
    EXPECT_EQ(to_string(object.object("s").error()), R"(invalid_params: "s" must be an object)");
}

// The outcome of elements() with at most three on one line.
std::string split(std::string_view text) {
    const auto all = json::elements(text, 3);
    if (!all) return to_string(all.error());
    std::string line;
    for (const auto element : *all)
        line.append(element).append(";");
    return line;
}

TEST(Json, an_array_is_its_elements_as_they_were_written) {
    EXPECT_EQ(split("[]"), "");
    EXPECT_EQ(split(" [ 1.0 , {\"a\": [2]} ,\"]\" ] "), "1.0;{\"a\": [2]};\"]\";");
    EXPECT_EQ(split("[1,2,3,4]"), "invalid_request: an array has over 3 elements");
    EXPECT_EQ(split("{}"), "invalid_request: not a JSON array");
    for (const auto* text : {"", "[", "[1", "[1,]", "[,]", "[1]]", "[1}", "{]", "[1 2]"}) {
        EXPECT_EQ(split(text), "malformed: not valid JSON") << text;
    }
}

TEST(Json, strings_are_spelled_and_read) {
    const std::string text = "a\"\\/\n\x01\x7f\xc3\xa9\xf0\x9f\x98\x80";
    EXPECT_EQ(json::quoted(text), "\"a\\\"\\\\/\\u000a\\u0001\x7f\xc3\xa9\xf0\x9f\x98\x80\"");
    EXPECT_EQ(json::unquoted(json::quoted(text)), text);
    EXPECT_EQ(json::unquoted(R"("")"), "");
    EXPECT_EQ(json::unquoted(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
    EXPECT_EQ(
        json::unquoted(R"("\u00e9\uD83D\uDE00\u0000x")"),
        std::string("\xc3\xa9\xf0\x9f\x98\x80\0x", 8)
    );
}

TEST(Json, half_characters_are_read_as_replaced_ones) {
    EXPECT_EQ(json::unquoted(R"("a\ud83d\u0041\ude00\ud83d\ude00")"), "a\uFFFDA\uFFFD\U0001F600");
    EXPECT_EQ(
        json::as_unicode(R"(["\ud83d","\uDe00",{"\ud83d\ude00":"\\ud83d\ud7ff"}])"),
        R"(["\ufffd","\ufffd",{"\ud83d\ude00":"\\ud83d\ud7ff"}])"
    );
    EXPECT_TRUE(json::is_unicode(R"("\ud83d\ude00\ufffd\uFFFD\\ud83d\n")"));
    EXPECT_FALSE(json::is_unicode(R"("\ud83d\ude00\ude00")"));
    EXPECT_FALSE(json::is_unicode(R"("\\\ud83d")"));
}

TEST(Json, names_that_differ_in_half_characters_only_are_the_same) {
    EXPECT_FALSE(json::Object::parse(R"({"a\ud83d":1,"a\ude00":2})"));
    EXPECT_FALSE(json::Object::parse(R"({"a\ud83d":1,"a\ufffd":2})"));
}

TEST(Json, strings_are_compared_by_what_they_spell) {
    EXPECT_TRUE(json::spells(R"("ping")", "ping"));
    EXPECT_TRUE(json::spells(R"("p\u0069ng")", "ping"));
    EXPECT_TRUE(json::spells(R"("")", ""));
    EXPECT_FALSE(json::spells(R"("Ping")", "ping"));
    EXPECT_FALSE(json::spells(R"("p\u0069ng")", R"(p\u0069ng)"));
}

TEST(Json, a_member_goes_with_its_comma) {
    const auto without = [](std::string_view object, std::string_view value) {
        const auto begin = object.find(value);
        const auto member = json::whole_member(object, object.substr(begin, value.size()));
        std::string rest(object);
        return rest.erase(static_cast<std::size_t>(member.data() - object.data()), member.size());
    };
    EXPECT_EQ(without(R"({"a":11})", "11"), "{}");
    EXPECT_EQ(without(R"({ "a" : 11 , "b":2})", "11"), R"({  "b":2})");
    EXPECT_EQ(without(R"({"b":2, "a":11})", "11"), R"({"b":2})");
    EXPECT_EQ(
        without(R"({"b":":\"", "\u0061":{"c":11},"d":4})", R"({"c":11})"), R"({"b":":\"", "d":4})"
    );
    EXPECT_EQ(without(R"({"b\\\"":11,"c":1})", "11"), R"({"c":1})");
}

TEST(Json, bytes_that_are_no_text_are_replaced) {
    EXPECT_EQ(
        json::quoted("a\xff"
                     "b\xe6\xbc"),
        "\"a\xef\xbf\xbd"
        "b\xef\xbf\xbd\xef\xbf\xbd\""
    );
}

TEST(Json, line_breaks_are_taken_out_but_escapes_stay) {
    EXPECT_EQ(
        json::without_line_breaks("{\r\n  \"a\": \"x\\ny\\r\",\n\"b\":[1,\n2]\n}\n"),
        R"({  "a": "x\ny\r","b":[1,2]})"
    );
}

TEST(Json, integers_are_read_when_they_fit) {
    EXPECT_EQ(json::integer("0"), 0);
    EXPECT_EQ(json::integer("-12"), -12);
    EXPECT_EQ(json::integer("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(json::integer("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
    for (const auto* value :
         {"", "9223372036854775808", "1.0", "1e3", "\"1\"", "null", "{}", " 1", "1 ", "+1"}) {
        EXPECT_EQ(json::integer(value), std::nullopt) << value;
    }
}

}  // namespace
}  // namespace gw::test
