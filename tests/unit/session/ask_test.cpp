#include "session/session.hpp"
#include "support/fake_surroundings.hpp"
#include "support/fake_upstreams.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

namespace gw::test {
namespace {

using namespace std::chrono_literals;

Task<> ask_on(
    session::Session& session,
    session::Stream& stream,
    std::string_view method,
    std::string& outcome
) {
    outcome = "waiting";
    outcome = bytes(co_await session.ask_on(stream, {method, R"({"message":"?"})"}));
}

class Ask : public testing::Test {
protected:
    FakeSurroundings around;
    std::optional<session::Session> session;
    async::Gate gate{around.loop};
    std::string outcome;

    void SetUp() override {
        session.emplace(
            terms("0-0-x", "ann", {.roots = true, .elicitation_form = true}), around.all
        );
    }

    void TearDown() override { around.loop.run(gate.close()); }

    void ask(std::string& into, std::string_view method = "elicitation/create") {
        gate.spawn(ask_on(*session, session->get_stream(), method, into));
        around.loop.settle();
    }

    bool answer(std::string_view id, mcp::Answer given = completed(R"({"action":"accept"})")) {
        const bool was_awaited = session->answered(id, std::move(given));
        around.loop.settle();
        return was_awaited;
    }
};

TEST_F(Ask, puts_the_question_on_the_stream_and_brings_the_answer_back) {
    ask(outcome);
    EXPECT_EQ(
        events(session->get_stream()),
        R"({"id":1,"method":"elicitation/create","params":{"message":"?"}})"
    );
    EXPECT_EQ(outcome, "waiting");
    EXPECT_TRUE(answer("1"));
    EXPECT_EQ(outcome, R"({"action":"accept"})");
}

TEST_F(Ask, brings_the_client_s_error_back_too) {
    ask(outcome);
    EXPECT_TRUE(answer("1", mcp::Refused{Slice(std::string(R"({"code":-1})"))}));
    EXPECT_EQ(outcome, R"(refused: {"code":-1})");
}

TEST_F(Ask, uses_the_stream_of_the_call_that_it_is_about) {
    auto& stream = session->open_stream();
    gate.spawn(ask_on(*session, stream, "roots/list", outcome));
    around.loop.settle();
    EXPECT_EQ(events(session->get_stream()), "");
    EXPECT_EQ(events(stream), R"({"id":1,"method":"roots/list","params":{"message":"?"}})");
    EXPECT_TRUE(answer("1"));
}

TEST_F(Ask, gives_each_of_several_questions_its_own_answer) {
    std::string other;
    ask(outcome);
    ask(other);
    EXPECT_TRUE(answer("2", completed("\"second\"")));
    EXPECT_EQ(outcome + " " + other, R"(waiting "second")");
    EXPECT_TRUE(answer("1", completed("\"first\"")));
    EXPECT_EQ(outcome + " " + other, R"("first" "second")");
}

TEST_F(Ask, takes_no_answer_that_nobody_waits_for) {
    ask(outcome);
    for (const auto* id :
         {"2", "0", "-1", "\"1\"", "1.0", "1 ", "", "null", "99999999999999999999"}) {
        EXPECT_FALSE(answer(id)) << id;
    }
    EXPECT_EQ(outcome, "waiting");
    EXPECT_TRUE(answer("1"));
    EXPECT_FALSE(answer("1"));
}

TEST_F(Ask, takes_the_first_of_two_answers) {
    ask(outcome);
    EXPECT_TRUE(session->answered("1", completed("\"first\"")));
    EXPECT_FALSE(session->answered("1", completed("\"second\"")));
    around.loop.settle();
    EXPECT_EQ(outcome, "\"first\"");
}

TEST_F(Ask, is_refused_when_the_client_did_not_declare_it) {
    ask(outcome, "sampling/createMessage");
    EXPECT_EQ(outcome, "capability_missing: the client cannot do that");
    EXPECT_EQ(events(session->get_stream()), "");
}

TEST_F(Ask, is_refused_where_there_is_no_session) {
    session.emplace(terms({}, "ann", {.elicitation_form = true}), around.all);
    ask(outcome);
    EXPECT_EQ(outcome, "capability_missing: the client cannot do that");
}

TEST_F(Ask, waits_so_long_and_then_tells_the_client_to_forget_it) {
    ask(outcome);
    around.pass(9s);
    EXPECT_EQ(outcome, "waiting");
    around.pass(2s);
    EXPECT_EQ(outcome, "timed_out: the client did not answer in time");
    EXPECT_TRUE(events(session->get_stream())
                    .ends_with(R"( {"method":"notifications/cancelled","params":)"
                               R"({"requestId":1,"reason":"no longer needed"}})"));
    EXPECT_FALSE(answer("1"));
}

TEST_F(Ask, ends_when_whoever_asked_is_withdrawn) {
    ask(outcome);
    around.loop.run(gate.close());
    EXPECT_EQ(outcome, "cancelled: the request was withdrawn");
    EXPECT_TRUE(events(session->get_stream()).contains("notifications/cancelled"));
}

TEST_F(Ask, ends_with_the_session) {
    ask(outcome);
    session->end();
    around.loop.settle();
    EXPECT_EQ(outcome, "cancelled: the request was withdrawn");
    ask(outcome);
    EXPECT_EQ(outcome, "capability_missing: the client cannot do that");
}

TEST_F(Ask, never_uses_an_id_again) {
    ask(outcome);
    answer("1");
    ask(outcome);
    EXPECT_FALSE(answer("1"));
    EXPECT_TRUE(answer("2"));
}

}  // namespace
}  // namespace gw::test
