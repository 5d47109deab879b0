#include "mcp/server_request.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gw::test {
namespace {

using mcp::Revision;

constexpr std::string_view elicit = "elicitation/create";
constexpr std::string_view sample = "sampling/createMessage";

std::string adapted(std::string_view method, std::string_view params, Revision revision) {
    const auto text = mcp::adapt_request(method, params, features(revision), "minted");
    if (text) return *text;
    return to_string(text.error().kind).data() + (" " + text.error().data);
}

// A form with one field.
std::string form(std::string_view field, std::string_view mode = "") {
    return R"({"message":"?",)" + std::string(mode) +
           R"("requestedSchema":{"type":"object","properties":{"a":)" + std::string(field) + "}}}";
}

TEST(ServerRequest, is_not_touched_where_the_client_has_all_words) {
    constexpr auto url = R"({ "mode":"url", "url":"https://x", "elicitationId" : "7" })";
    EXPECT_EQ(adapted(elicit, url, Revision::r2025_11_25), url);
    constexpr auto tools = R"({ "messages":[{"content":[ ]}], "tools":[], "task":{"ttl":1} })";
    EXPECT_EQ(adapted(sample, tools, Revision::r2025_11_25), tools);
    const auto asked = form(R"({"type":"array"})", R"("mode":"form",)");
    EXPECT_EQ(adapted(elicit, asked, Revision::r2025_11_25), asked);
    EXPECT_EQ(adapted(elicit, asked, Revision::r2026_07_28), asked);
    EXPECT_EQ(adapted("roots/list", "", Revision::r2025_03_26), "");
    EXPECT_EQ(adapted("roots/list", "{}", Revision::r2025_03_26), "{}");
}

TEST(ServerRequest, of_a_form_has_no_mode_for_2025_06_18) {
    for (const auto* mode : {R"("mode":"form",)", R"("m\u006fde":"form",)", ""}) {
        EXPECT_EQ(
            adapted(elicit, form(R"({"type":"string"})", mode), Revision::r2025_06_18),
            form(R"({"type":"string"})")
        );
    }
}

TEST(ServerRequest, of_a_choice_among_titles_has_enum_names_for_2025_06_18) {
    EXPECT_EQ(
        adapted(
            elicit,
            form(R"({"type":"string","title":"T","oneOf":[{"const":"r","title":"Red"},)"
                 R"({"const":"g\u0072"}],"default":"r"})"),
            Revision::r2025_06_18
        ),
        form(R"({"type":"string","title":"T","enum":["r","gr"],"enumNames":["Red","gr"],)"
             R"("default":"r"})")
    );
}

TEST(ServerRequest, of_a_choice_of_several_is_not_made_of_2025_06_18) {
    for (const auto* field :
         {R"({"type":"array","items":{"type":"string","enum":["a"]}})",
          R"({"type":"arr\u0061y","items":{"anyOf":[{"const":"a","title":"A"}]}})"}) {
        EXPECT_EQ(
            adapted(elicit, form(field), Revision::r2025_06_18),
            R"(capability_missing {"requiredCapabilities":{"elicitation":{"form":{}}}})"
        );
    }
}

TEST(ServerRequest, of_the_user_is_never_made_of_2025_03_26) {
    EXPECT_EQ(
        adapted(elicit, form("{}"), Revision::r2025_03_26),
        R"(capability_missing {"requiredCapabilities":{"elicitation":{}}})"
    );
}

TEST(ServerRequest, to_visit_a_url_has_an_id_only_where_the_revision_knows_one) {
    constexpr auto with_id = R"({"mode":"url","elicitationId":"7","url":"https://x"})";
    constexpr auto without = R"({"mode":"url","url":"https://x"})";
    EXPECT_EQ(adapted(elicit, with_id, Revision::r2026_07_28), without);
    EXPECT_EQ(
        adapted(elicit, without, Revision::r2025_11_25),
        R"({"mode":"url","url":"https://x","elicitationId":"minted"})"
    );
    for (const auto revision : {Revision::r2025_03_26, Revision::r2025_06_18}) {
        EXPECT_EQ(
            adapted(elicit, with_id, revision),
            R"(capability_missing {"requiredCapabilities":{"elicitation":{"url":{}}}})"
        );
    }
}

TEST(ServerRequest, says_nothing_of_tasks_where_the_revision_has_none) {
    constexpr auto text = R"({"messages":[],"task":{"ttl":1},"maxTokens":1})";
    EXPECT_EQ(adapted(sample, text, Revision::r2026_07_28), R"({"messages":[],"maxTokens":1})");
    EXPECT_EQ(adapted(sample, text, Revision::r2025_06_18), R"({"messages":[],"maxTokens":1})");
    EXPECT_EQ(adapted(sample, text, Revision::r2025_11_25), text);
}

TEST(ServerRequest, to_sample_says_nothing_of_tools_before_2025_11_25) {
    constexpr auto missing =
        R"(capability_missing {"requiredCapabilities":{"sampling":{"tools":{}}}})";
    for (const auto* text :
         {R"({"messages":[],"tools":[]})",
          R"({"messages":[],"toolChoice":{"mode":"none"}})",
          R"({"messages":[{"role":"user","content":[{"type":"tool_result"}]}]})",
          R"({"messages":[{"role":"assistant","content":{"type":"tool_us\u0065"}}]})"}) {
        EXPECT_EQ(adapted(sample, text, Revision::r2025_06_18), missing) << text;
    }
}

TEST(ServerRequest, to_sample_has_one_block_a_message_before_2025_11_25) {
    EXPECT_EQ(
        adapted(
            sample,
            R"({"messages":[{"role":"user","content":[{"type":"text","text":"a"},)"
            R"({"type":"text","text":"b"}]},{"content":{"type":"text","text":"c"},"role":"user"}]})",
            Revision::r2025_06_18
        ),
        R"({"messages":[{"role":"user","content":{"type":"text","text":"a"}},)"
        R"({"role":"user","content":{"type":"text","text":"b"}},)"
        R"({"content":{"type":"text","text":"c"},"role":"user"}]})"
    );
}

TEST(ServerRequest, that_is_none_in_any_revision_is_the_servers_fault) {
    EXPECT_EQ(
        adapted(elicit, R"({"mode":"form","mode":"url"})", Revision::r2025_11_25),
        "upstream_failed "
    );
    EXPECT_EQ(
        adapted(elicit, form(R"({"oneOf":[{"title":"x"}]})"), Revision::r2025_06_18),
        "upstream_failed "
    );
    EXPECT_EQ(adapted(sample, R"({"messages":7})", Revision::r2025_06_18), "upstream_failed ");
}

}  // namespace
}  // namespace gw::test
