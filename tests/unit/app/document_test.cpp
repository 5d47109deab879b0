#include "app/document.hpp"

#include <gtest/gtest.h>

namespace gw::app::test {
namespace {

// The tree on one line, each key and scalar with its line number: {a@1: b@2}.
std::string print(const Node& node) {
    const auto line = "@" + std::to_string(node.line);
    if (node.kind == Node::Kind::null) return "null" + line;
    if (node.kind == Node::Kind::scalar) return node.text + line;
    const bool is_map = node.kind == Node::Kind::map;
    std::string text;
    for (const auto& entry : node.entries) {
        text += text.empty() ? "" : ", ";
        if (is_map) text += entry.key + "@" + std::to_string(entry.line) + ": ";
        if (entry.first != 0) text += "again after " + std::to_string(entry.first) + ", ";
        text += print(entry.value);
    }
    return is_map ? "{" + text + "}" : "[" + text + "]";
}

using Parser = std::optional<Node>(std::string_view, FileReport&);

std::string outcome(Parser* parse, std::string_view text) {
    Report report;
    FileReport file("f", report);
    const auto root = parse(text, file);
    if (report.has_errors()) return report.error_text();
    return root ? print(*root) : "silence";
}

std::string yaml(std::string_view text) {
    return outcome(parse_yaml, text);
}

std::string json(std::string_view text) {
    return outcome([](auto file, auto& report) { return parse_json(file, report); }, text);
}

TEST(yaml_document, knows_the_line_of_everything) {
    EXPECT_EQ(
        yaml("a: 1\nb:\n  - x\n  - 'y z'\nc: {d: e}\n"),
        "{a@1: 1@1, b@2: [x@3, y z@4], c@5: {d@5: e@5}}"
    );
    EXPECT_EQ(yaml(""), "null@1");
    EXPECT_EQ(yaml("# only a comment\n"), "null@1");
    EXPECT_EQ(yaml("a:\nb: ~\n"), "{a@1: null@2, b@2: null@2}");
}

TEST(yaml_document, keeps_scalars_as_they_are_written) {
    EXPECT_EQ(yaml("a: 0x1F\nb: yes\nc: 1.50\n"), "{a@1: 0x1F@1, b@2: yes@2, c@3: 1.50@3}");
}

TEST(yaml_document, marks_a_key_that_stands_twice) {
    EXPECT_EQ(yaml("a: 1\nb: 2\na: 3\n"), "{a@1: 1@1, b@2: 2@2, a@3: again after 1, 3@3}");
    EXPECT_EQ(yaml("a: {b: 1, \"b\": 2}"), "{a@1: {b@1: 1@1, b@1: again after 1, 2@1}}");
}

TEST(yaml_document, refuses_anchors_aliases_and_tags) {
    EXPECT_EQ(yaml("a: &x [1]\nb: *x\n"), "f:1: anchors are not read");
    EXPECT_EQ(yaml("a: !!int 1\n"), "f:1: tags are not read");
    EXPECT_EQ(yaml("&x a: 1\n"), "f:1: anchors are not read");
}

TEST(document, says_of_toml_that_it_is_not_read) {
    const auto refused = "f:1: " + std::string(toml_is_not_read);
    for (const auto* text :
         {"listen = \"127.0.0.1:8080\"\n[upstreams.a]\nurl = \"x\"\n",
          "# A comment\n\n[mcp_servers.github]\ncommand = \"npx\"\n",
          "[[servers]] # one\nid = 1\n",
          "\"a b\".c = 1\n"}) {
        EXPECT_EQ(yaml(text), refused) << text;
        EXPECT_EQ(json(text), refused) << text;
    }
    EXPECT_EQ(yaml("url: http://x/?a=b\n"), "{url@1: http://x/?a=b@1}");
    EXPECT_EQ(yaml("[a, b]"), "[a@1, b@1]");
    EXPECT_EQ(yaml("[a]"), "[a@1]");
    EXPECT_EQ(json("[\"a\"]"), "[a@1]");
}

TEST(yaml_document, refuses_what_is_nested_too_deeply) {
    EXPECT_EQ(yaml(std::string(16, '[') + std::string(16, ']')).substr(0, 4), "[[[[");
    const auto nested = [](std::size_t depth) {
        return yaml(std::string(depth, '[') + std::string(depth, ']'));
    };
    EXPECT_EQ(nested(17), "f:1: nested more deeply than any setting");
    EXPECT_EQ(nested(100'000), "f:1: nested more deeply than any setting");
}

TEST(yaml_document, refuses_keys_that_are_no_texts) {
    EXPECT_EQ(yaml("[a]: b\n"), "f:1: a key must be a text");
    EXPECT_EQ(yaml("{a: b}: c\n"), "f:1: a key must be a text");
    EXPECT_EQ(yaml("~: c\n"), "f:1: a key must be a text");
}

TEST(yaml_document, refuses_a_second_document) {
    EXPECT_EQ(yaml("a: 1\n---\nb: 2\n"), "f:1: the file has more than one document");
}

TEST(yaml_document, refuses_what_is_no_text_or_no_yaml) {
    EXPECT_EQ(yaml("a: \x04\nb: 1\n"), "f:1: the file is not UTF-8 text");
    EXPECT_EQ(yaml("a: 1\n b: 2\n").substr(0, 4), "f:2:");
    EXPECT_EQ(yaml("a: [1\n").substr(0, 2), "f:");
}

TEST(json_document, knows_the_line_of_everything) {
    EXPECT_EQ(
        json("{\"a\": 1,\n \"b\":\n [\"x\",\n true, null, 1.5, -7]}"),
        "{a@1: 1@1, b@2: [x@3, true@4, null@4, 1.5@4, -7@4]}"
    );
}

TEST(json_document, takes_comments_and_trailing_commas_outside_strings) {
    EXPECT_EQ(
        json("// first\n{\"a\": [1, /* two\n */ 2,],\n \"b\": \"//,}\",} // last"),
        "{a@2: [1@2, 2@3], b@4: //,}@4}"
    );
}

TEST(json_document, decodes_strings) {
    EXPECT_EQ(json(R"({"\u0061\/": "\ud83d\ude80\n"})"), "{a/@1: \U0001F680\n@1}");
}

TEST(json_document, skips_a_byte_order_mark) {
    EXPECT_EQ(json("\xEF\xBB\xBF{}"), "{}");
}

TEST(json_document, marks_a_key_that_stands_twice_however_it_is_spelled) {
    EXPECT_EQ(json("{\"a\": 1,\n\"\\u0061\": 2}"), "{a@1: 1@1, a@2: again after 1, 2@2}");
}

TEST(json_document, says_where_the_text_is_no_json) {
    for (const auto* text :
         {"", "{", "{}\n x", "{\"a\" 1}", "{,}", "[1 2]", "nul", "{\"a\": \xff}"})
        EXPECT_EQ(json(text).substr(0, 2), "f:") << text;
    EXPECT_EQ(json("{\n\"a\": tru\n}").substr(0, 4), "f:2:");
}

TEST(json_document, checks_only_the_syntax_of_what_is_not_wanted) {
    const auto wanted = [](std::string_view text) {
        const auto parse = [](std::string_view file, FileReport& report) {
            return parse_json(file, report, [](std::span<const std::string> path) {
                return path.front() == "a" && (path.size() < 2 || path[1] != "no");
            });
        };
        return outcome(parse, text);
    };
    const auto deep = std::string(100, '[') + "{\"a\": 1}" + std::string(100, ']');
    EXPECT_EQ(
        wanted(
            "{\"x\": " + deep + ", \"a\": {\"no\": null, \"b\": [{}], \"no\": 1},\n\"y\": \"z\"}"
        ),
        "{a@1: {b@1: [{}]}}"
    );
    EXPECT_EQ(wanted("{\"x\": {\"a\" 1}}").substr(0, 2), "f:");
}

TEST(json_document, skips_what_is_nested_as_deeply_as_other_programs_may_keep_it) {
    const auto skipped = [](std::size_t depth) {
        return outcome(
            [](auto file, auto& report) {
                return parse_json(file, report, [](std::span<const std::string> path) {
                    return path.front() == "a";
                });
            },
            "{\"x\":" + std::string(depth, '[') + std::string(depth, ']') + ",\n\"a\": 1}"
        );
    };
    EXPECT_EQ(skipped(4000), "{a@2: 1@2}");
    EXPECT_EQ(skipped(5000), "f:1: nested over 4096 deep, and not read");
}

TEST(json_document, refuses_what_is_nested_too_deeply) {
    EXPECT_EQ(json(std::string(17, '[')), "f:1: nested more deeply than any setting");
}

}  // namespace
}  // namespace gw::app::test
