#include "calling.hpp"

#include <gtest/gtest.h>

namespace gw::test {
namespace {

class ResourcesRead : public Calling {
protected:
    ResourcesRead() {
        show({.resources = {"f:///a"}, .templates = {"f:///{+path}"}}, {.resources = {"t:///now"}});
    }
};

TEST_F(ResourcesRead, asks_the_server_that_has_it_with_the_bytes_as_they_are) {
    EXPECT_EQ(answer("resources/read", R"({ "uri":"t:\/\/\/now" })"), R"("done")");
    EXPECT_EQ(sent(1), R"(resources/read* { "uri":"t:\/\/\/now" })");
    EXPECT_EQ(answer("resources/read", R"({"uri":"f:///any/where"})"), R"("done")");
    EXPECT_EQ(sent(0), R"(resources/read* {"uri":"f:///any/where"})");
}

TEST_F(ResourcesRead, says_which_resource_nobody_has) {
    EXPECT_EQ(
        answer("resources/read", R"({"uri":"x:///\u0061"})"),
        R"(resource_not_found: Resource not found {"uri":"x:///\u0061"})"
    );
    EXPECT_TRUE(nothing_was_sent());
}

TEST_F(ResourcesRead, rejects_malformed_params) {
    for (const auto* params : {"", "{}", R"({"uri":null})", R"({"uri":["t:///now"]})"}) {
        EXPECT_EQ(answer("resources/read", params), R"(invalid_params: "uri" must be a string)");
    }
}

// Each is compared with all templates at once.
TEST_F(ResourcesRead, takes_a_uri_of_any_method_up_to_one_size) {
    const auto with_uri = [](std::size_t size) {
        return R"({"uri":"f:///)" + std::string(size - 5, 'x') + "\"}";
    };
    for (const auto* method : {"resources/read", "resources/subscribe", "resources/unsubscribe"}) {
        EXPECT_EQ(answer(method, with_uri(8192)), R"("done")") << method;
        EXPECT_EQ(answer(method, with_uri(8193)), R"(invalid_params: "uri" has at most 8192 bytes)")
            << method;
    }
}

TEST_F(ResourcesRead, reaches_nobody_for_a_caller_without_a_name) {
    who = "";
    EXPECT_EQ(answer("resources/read", R"({"uri":"f:///a"})"), "not_found: unknown: f:///a");
    EXPECT_TRUE(nothing_was_sent());
}

TEST_F(ResourcesRead, subscribing_goes_the_same_way) {
    EXPECT_EQ(answer("resources/subscribe", R"({"uri":"t:///now"})"), R"("done")");
    EXPECT_EQ(answer("resources/unsubscribe", R"({"uri":"t:///now"})"), R"("done")");
    EXPECT_EQ(
        sent(1),
        R"(resources/subscribe* {"uri":"t:///now"}; resources/unsubscribe* {"uri":"t:///now"})"
    );
    EXPECT_EQ(
        answer("resources/subscribe", R"({"uri":"x:///y"})"),
        R"(resource_not_found: Resource not found {"uri":"x:///y"})"
    );
}

TEST_F(ResourcesRead, subscriptions_are_limited_in_number_and_size_and_a_refused_one_is_none) {
    const auto subscribe = [this](const std::string& uri) {
        return answer("resources/subscribe", R"({"uri":")" + uri + "\"}");
    };
    EXPECT_EQ(
        subscribe("f:///" + std::string(9000, 'x')),
        R"(invalid_params: "uri" has at most 8192 bytes)"
    );
    EXPECT_TRUE(nothing_was_sent());
    EXPECT_EQ(around.budget.used(), 0U);
    for (int i = 0; i < 1001; ++i)
        subscribe("x:///" + std::to_string(i));
    for (int i = 0; i < 1000; ++i)
        EXPECT_EQ(subscribe("f:///" + std::to_string(i)), R"("done")");
    EXPECT_EQ(subscribe("f:///5"), R"("done")");
    EXPECT_EQ(subscribe("f:///new"), "too_many: a session has at most 1000 subscriptions");
    EXPECT_EQ(answer("resources/unsubscribe", R"({"uri":"f:///5"})"), R"("done")");
    EXPECT_EQ(subscribe("f:///new"), R"("done")");
    session.reset();
    EXPECT_EQ(around.budget.used(), 0U);
}

}  // namespace
}  // namespace gw::test
