#include "calling.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gw::test {
namespace {

class CompletionComplete : public Calling {
protected:
    CompletionComplete() {
        show(
            {.prompts = {"Review PR"}, .resources = {"g:///a"}, .has_completions = true},
            {.resources = {"t:///now"}, .templates = {"t:///{zone}"}}
        );
    }

    std::string complete(const std::string& ref) {
        return answer(
            "completion/complete", R"({"argument":{"name":"a","value":"b"},"ref":)" + ref + "}"
        );
    }
};

TEST_F(CompletionComplete, asks_the_server_of_the_prompt_by_its_own_name) {
    EXPECT_EQ(complete(R"({"type":"ref/prompt","name":"gh-review-pr"})"), R"("done")");
    EXPECT_EQ(
        sent(0),
        R"(completion/complete* {"argument":{"name":"a","value":"b"},)"
        R"("ref":{"type":"ref/prompt","name":"Review PR"}})"
    );
}

TEST_F(CompletionComplete, asks_the_server_of_the_template) {
    EXPECT_EQ(complete(R"({"type":"ref/resource","uri":"t:///{zone}"})"), R"("done")");
    EXPECT_EQ(complete(R"({"type":"ref/resource","uri":"t:///now"})"), R"("done")");
    EXPECT_EQ(upstreams.peers[1].received.size(), 2);
    EXPECT_TRUE(sent(1).contains(R"("ref":{"type":"ref/resource","uri":"t:///{zone}"})"));
}

TEST_F(CompletionComplete, finds_nothing_that_is_not_shown) {
    EXPECT_EQ(
        complete(R"({"type":"ref/prompt","name":"Review PR"})"), "not_found: unknown: Review PR"
    );
    EXPECT_EQ(
        complete(R"({"type":"ref/resource","uri":"x:///{y}"})"), "not_found: unknown: x:///{y}"
    );
    EXPECT_TRUE(nothing_was_sent());
}

TEST_F(CompletionComplete, rejects_malformed_params) {
    EXPECT_EQ(complete("{}"), R"(invalid_params: "ref.type" must be a string)");
    EXPECT_EQ(complete("[]"), R"(invalid_params: "ref.type" must be a string)");
    EXPECT_EQ(
        complete(R"({"type":"ref/tool","name":"x"})"),
        R"(invalid_params: "ref.type" must be ref/prompt or ref/resource)"
    );
    EXPECT_EQ(
        complete(R"({"type":"ref/prompt"})"), R"(invalid_params: "ref.name" must be a string)"
    );
    EXPECT_EQ(
        complete(R"({"type":"ref/resource","uri":1})"),
        R"(invalid_params: "ref.uri" must be a string)"
    );
    EXPECT_EQ(
        complete(R"({"type":"ref/resource","uri":"t:///)" + std::string(8192, 'x') + "\"}"),
        R"(invalid_params: "ref.uri" has at most 8192 bytes)"
    );
}

}  // namespace
}  // namespace gw::test
