// One meaning for each name, and a contract for what a header declares.
#include "tidy/sources.hpp"

#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gw::test {
namespace {

namespace fs = std::filesystem;

using Lines = std::vector<std::string>;

Lines lines_of(const std::string& text) {
    Lines lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        lines.push_back(line);
    return lines;
}

// The types that a header defines at namespace scope. An alias has what it stands for beside it, so
// that the same one in two modules is one meaning.
std::vector<std::pair<std::string, std::string>> types_of(const std::string& header) {
    static const std::regex defined(R"(^(class|struct|enum class) (\w+)( |$)[^;]*$)");
    static const std::regex alias(R"(^using (\w+) = (.*)$)");
    std::vector<std::pair<std::string, std::string>> types;
    for (const auto& line : lines_of(header)) {
        std::smatch found;
        if (std::regex_match(line, found, defined)) types.emplace_back(found[2], "");
        if (std::regex_match(line, found, alias)) types.emplace_back(found[1], found[2]);
    }
    return types;
}

// What begins the blocks at namespace scope that declare a function or define a type, without a
// comment above them. A block is what has no empty line in it: one comment is for all of it. One
// above the namespace is for the whole header.
Lines without_contract(const std::string& header) {
    static const std::regex passed(
        R"(^(namespace|using|#|static_assert|extern|friend|\}|//| ).*|.*\w::\w+\(.*)"  // Of a
                                                                                       // member.
    );
    static const std::regex forward(R"(^(class|struct|enum class) \w+;$)");
    static const std::regex declaration(
        R"(^((class|struct|enum class|template|requires) .*|[\w\[][^=]*\(.*))"
    );
    Lines missing;
    std::string above;
    for (const auto& line : lines_of(header)) {
        if (line.starts_with("namespace") && above.starts_with("//")) return {};
        const bool is_first = above.empty();
        above = line;
        if (!is_first || line.empty() || std::regex_match(line, passed)) continue;
        if (std::regex_match(line, forward) || !std::regex_match(line, declaration)) continue;
        missing.push_back(line);
    }
    return missing;
}

// The public functions of classes at namespace scope that are declared only, and begin a block
// without a comment above it. One with its body says what it does; an override has the contract of
// what it overrides.
Lines members_without_contract(const std::string& header) {
    static const std::regex type(R"(^(class|struct) \w+[^;]*$)");
    static const std::regex function(R"(^    [\w\[][^={]*\b[a-z]\w*\([^{]*\)[^{]*;$)");
    static const std::regex passed(R"(.*(\boverride;|= default;|= delete;|operator|\bexplicit\b).*)"
    );
    Lines missing;
    const auto lines = lines_of(header);
    bool is_public = false;
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const auto& line = lines.at(i);
        const auto& above = lines.at(i - 1);
        if (std::regex_match(line, type)) is_public = line.starts_with("struct");
        if (line == "};") is_public = false;
        if (line.ends_with(":") && line.starts_with("p")) is_public = line == "public:";
        const bool is_first = above.empty() || above.ends_with(":") || above.ends_with("{");
        if (!is_public || !is_first || line.ends_with(":")) continue;
        auto whole = line;
        for (auto next = i;
             whole.find_first_of(";{") == std::string::npos && ++next < lines.size();)
            whole += lines.at(next);
        if (std::regex_match(whole, function) && !std::regex_match(whole, passed)) {
            missing.push_back(line);
        }
    }
    return missing;
}

// Names that end a word with a lone s, as in client_s_token: an apostrophe was meant.
Lines possessives(const std::string& text) {
    static const std::regex name(R"(\b\w*[a-z0-9]_s_\w+)");
    Lines found;
    for (std::sregex_iterator it(text.begin(), text.end(), name), end; it != end; ++it)
        found.push_back(it->str());
    return found;
}

// What stands in two modules and is written with its module wherever both are met. Each new pair is
// one too many.
const std::set<std::string> known{
    "Entry",    // A member of a document (app); something that a view shows (catalog).
    "Era",      // A label (telemetry); what a server speaks (upstream): the same two eras.
    "Event",    // A wake-up (async); one of a stream of events (http::sse).
    "Field",    // A header that we look at (http); a member of a log line (telemetry).
    "Member",   // Of a JSON object (base); one thing that a server lists (catalog).
    "Object",   // One of JSON (base); what a permit is for (auth).
    "Options",  // Of the HTTP server (web); of MCP over it (transport).
    "Part",     // Of a message (mcp); what one server adds to a view (catalog).
    "Request",  // Of MCP (mcp); of HTTP (web).
    "Route",    // Through gateways (mcp); a line of the table of routes (web).
    "Target",   // Of an HTTP request (http); an upstream server (upstream).
};

TEST(house, a_name_has_one_meaning) {
    std::map<std::string, std::map<std::string, std::set<std::string>>> meanings;
    each_source([&](const fs::path& path, const std::string& text) {
        if (path.extension() != ".hpp" || path.parent_path().filename() == "impl") return;
        // Groups of settings have the names of their keys, as an operator writes them.
        if (path == "app/settings.hpp") return;
        for (const auto& [name, alias] : types_of(text))
            meanings[name][alias.empty() ? path.begin()->string() : alias].insert(path.string());
    });
    for (const auto& [name, in] : meanings) {
        std::string where;
        for (const auto& [meaning, files] : in)
            where += " " + *files.begin();
        EXPECT_EQ(in.size() > 1, known.contains(name)) << name << ":" << where;
    }
}

TEST(house, a_header_is_a_contract) {
    each_source([](const fs::path& path, const std::string& text) {
        if (path.extension() != ".hpp" || path.parent_path().filename() == "impl") return;
        EXPECT_EQ(without_contract(text), Lines()) << path;
        EXPECT_EQ(members_without_contract(text), Lines()) << path;
    });
}

TEST(house, no_name_has_a_possessive) {
    for (const auto* folder : {"src", "tests/unit", "tests/support", "tests/tidy"}) {
        each_source(root / folder, [](const fs::path& path, const std::string& text) {
            if (path == "house_test.cpp") return;
            EXPECT_EQ(possessives(text), Lines()) << path;
        });
    }
}

TEST(house, finds_types_by_their_definitions) {
    const std::pair<std::string, std::string> a{"A", ""};
    EXPECT_EQ(types_of("class A {\n"), std::vector{a});
    EXPECT_EQ(types_of("struct A : B {\n"), std::vector{a});
    EXPECT_EQ(types_of("class A final : public B,\n"), std::vector{a});
    EXPECT_EQ(types_of("enum class A : int { x, y };\n").size(), 0U);
    EXPECT_EQ(types_of("class A;\nusing b::C;\n    struct D {\nstruct E::F {\n").size(), 0U);
    EXPECT_EQ(types_of("using A = std::string;\n").front().second, "std::string;");
}

TEST(house, finds_what_has_no_contract) {
    EXPECT_EQ(without_contract("\nint f();\nint g();\n"), Lines{"int f();"});
    EXPECT_EQ(without_contract("\nclass A {\n};\n"), Lines{"class A {"});
    EXPECT_EQ(
        without_contract("\ntemplate <typename T>\nclass A {\n"), Lines{"template <typename T>"}
    );
    EXPECT_EQ(without_contract("\n// It does.\nint f();\n\nclass A;\n"), Lines());
    EXPECT_EQ(without_contract("// All of it.\nnamespace a {\n\nint f();\n"), Lines());
    EXPECT_EQ(without_contract("\nconstexpr int a = f();\n\nusing A = int();\n"), Lines());
}

TEST(house, finds_members_that_have_no_contract) {
    EXPECT_EQ(
        members_without_contract("\nstruct A {\n    int f() const;\n"), Lines{"    int f() const;"}
    );
    EXPECT_EQ(
        members_without_contract(
            "\nclass A {\npublic:\n    A();\n\n    int f(\n        int a\n    );\n"
        ),
        Lines{"    int f("}
    );
    EXPECT_EQ(
        members_without_contract(
            "\nclass A {\npublic:\n    // It does.\n    int f();\n    int g();\n"
        ),
        Lines()
    );
    EXPECT_EQ(
        members_without_contract(
            "\nclass A {\n    int f();\npublic:\n    int a = f();\nprivate:\n    int g();\n"
        ),
        Lines()
    );
    EXPECT_EQ(
        members_without_contract(
            "\nstruct A {\n    int f() override;\n\n    int g() { return 1; }\n"
        ),
        Lines()
    );
}

TEST(house, finds_possessives) {
    EXPECT_EQ(
        possessives("auto client_s_token = since_s + f(z_stream_s, a_s);"), Lines{"client_s_token"}
    );
}

}  // namespace
}  // namespace gw::test
