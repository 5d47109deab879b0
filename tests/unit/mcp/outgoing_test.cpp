#include "mcp/outgoing.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gw::test {
namespace {

// Of a stateless client, whose envelope stands around what is `more`.
class Outgoing : public testing::Test {
protected:
    mcp::Request request(std::string_view more, bool wants_progress = true) {
        text_ =
            R"({"name":"n","_meta":{)" + std::string(more) +
            R"("io.modelcontextprotocol/clientCapabilities":{},"progressToken":"p"},"task":{}})";
        const std::string_view params = text_;
        mcp::Request request{.method = "tools/call", .params = params, .envelope = &envelope_};
        const auto meta = params.find('{', 1);
        request.meta = params.substr(meta, params.find(R"(,"task")") - meta);
        if (wants_progress) request.progress_token = params.substr(params.find(R"("p")"), 3);
        return request;
    }

    static std::string written(const mcp::Splice& params) {
        auto text = params.str();
        EXPECT_EQ(params.size(), text.size());
        return text;
    }

    static std::string for_sessions(const mcp::Request& request) {
        EXPECT_TRUE(mcp::differs_for_sessions(request));
        return written(mcp::session_params(request, "7"));
    }

    std::string text_;
    mcp::Envelope envelope_;
};

TEST_F(Outgoing, params_for_sessions_have_no_envelope_and_our_token) {
    EXPECT_EQ(
        for_sessions(request(R"("x":1,)")),
        R"({"name":"n","_meta":{"progressToken":7,"x":1},"task":{}})"
    );
    EXPECT_EQ(
        for_sessions(request(R"("x":1,)", false)), R"({"name":"n","_meta":{"x":1},"task":{}})"
    );
}

TEST_F(Outgoing, params_for_sessions_have_all_that_was_changed_before) {
    auto wanted = request(R"("x":{"y":1},)");
    const auto params = wanted.params.original();
    wanted.params.replace(params.substr(params.find(R"("n")"), 3), R"("a longer name")");
    wanted.params.replace(params.substr(params.find(R"(,"task":{})"), 10), {});
    wanted.params.replace(params.substr(params.find('1'), 1), "2");
    wanted.params.replace(params.substr(params.size() - 1, 0), R"(,"requestState":"s")");
    EXPECT_EQ(
        for_sessions(wanted),
        R"({"name":"a longer name","_meta":{"progressToken":7,"x":{"y":2}},"requestState":"s"})"
    );
}

TEST_F(Outgoing, names_that_stand_twice_and_many_names_are_passed_on) {
    EXPECT_EQ(
        for_sessions(request(R"("x":1,"x":2,)")),
        R"({"name":"n","_meta":{"progressToken":7,"x":1,"x":2},"task":{}})"
    );
    std::string many;
    for (int i = 0; i < 1100; ++i)
        many.append("\"m").append(std::to_string(i)).append("\":1,");
    EXPECT_EQ(
        for_sessions(request(many)),
        R"({"name":"n","_meta":{"progressToken":7,)" + many.substr(0, many.size() - 1) +
            R"(},"task":{}})"
    );
}

TEST_F(Outgoing, without_an_envelope_only_the_token_is_another) {
    auto wanted = request("");
    wanted.envelope = nullptr;
    EXPECT_TRUE(for_sessions(wanted).contains(R"("progressToken":7},)"));
    wanted.progress_token = {};
    EXPECT_FALSE(mcp::differs_for_sessions(wanted));
}

TEST_F(Outgoing, params_that_are_moved_are_found_again) {
    auto wanted = request(R"("x":1,"x":2,)");
    const auto params = wanted.params.original();
    wanted.params.replace(params.substr(params.find(R"("n")"), 3), R"("a longer name")");
    const auto text = wanted.params.str();
    mcp::move_params(wanted, text);
    EXPECT_EQ(wanted.params.original(), text);
    EXPECT_EQ(wanted.progress_token, R"("p")");
    EXPECT_EQ(
        for_sessions(wanted),
        R"({"name":"a longer name","_meta":{"progressToken":7,"x":1,"x":2},"task":{}})"
    );
}

}  // namespace
}  // namespace gw::test
