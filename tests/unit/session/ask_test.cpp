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
    session::EventStream& stream,
    std::string_view method,
    std::string& outcome
) {
    outcome = "waiting";
    outcome = bytes(co_await session.ask_on(stream, {method, R"({"message":"?"})"}));
}

Task<> ask_form(session::Session& session, std::string& outcome) {
    outcome = bytes(co_await session.ask(
        {"elicitation/create",
         R"({"mode":"form","message":"?","requestedSchema":{"type":"object","properties":{}}})"}
    ));
}

Task<> ask_url(session::Session& session, std::string& outcome) {
    outcome = bytes(co_await session.ask(
        {"elicitation/create", R"({"mode":"url","message":"?","url":"https://a.test/"})"}
    ));
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

TEST_F(Ask, brings_the_clients_error_back_too) {
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
    EXPECT_EQ(outcome, "capability_missing: the client has not declared this");
    EXPECT_EQ(events(session->get_stream()), "");
}

TEST_F(Ask, is_refused_where_there_is_no_session) {
    session.emplace(terms({}, "ann", {.elicitation_form = true}), around.all);
    ask(outcome);
    EXPECT_EQ(outcome, "capability_missing: there is no client to ask");
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
    EXPECT_EQ(outcome, "capability_missing: there is no client to ask");
}

TEST_F(Ask, never_uses_an_id_again) {
    ask(outcome);
    answer("1");
    ask(outcome);
    EXPECT_FALSE(answer("1"));
    EXPECT_TRUE(answer("2"));
}

// With `from`, which wants to hear of progress.
Task<> ask_from(session::Session& session, mcp::Peer& from, std::string& outcome) {
    outcome = bytes(co_await session.ask(
        {.method = "roots/list",
         .params = R"({"_meta":{"progressToken":"theirs","n":1.0}})",
         .from = &from}
    ));
}

TEST_F(Ask, brings_progress_to_who_asked_with_its_own_token) {
    auto agreed = terms("0-0-x", "ann", {.roots = true});
    agreed.revision = mcp::Revision::r2025_11_25;
    session.emplace(std::move(agreed), around.all);
    FakePeer server;
    gate.spawn(ask_from(*session, server, outcome));
    around.loop.settle();
    EXPECT_EQ(
        events(session->get_stream()),
        R"({"id":1,"method":"roots/list","params":{"_meta":{"progressToken":1,"n":1.0}}})"
    );
    const std::string params = R"({ "progress":1.0, "progressToken":1 })";
    const auto token = std::string_view(params).substr(params.rfind('1'), 1);
    session->progressed(params, token);
    EXPECT_EQ(
        server.received,
        std::vector<std::string>{
            R"(notifications/progress { "progress":1.0, "progressToken":"theirs" })"
        }
    );
    EXPECT_TRUE(answer("1"));
    session->progressed(params, token);
    EXPECT_EQ(server.received.size(), 1U);
}

TEST_F(Ask, brings_no_progress_to_who_did_not_want_it) {
    ask(outcome);
    for (const auto* params : {"1", "2", "\"1\"", "null"})
        session->progressed(params, params);
    EXPECT_EQ(outcome, "waiting");
}

// 2025-06-18 has no mode.
TEST_F(Ask, speaks_the_words_of_the_clients_revision) {
    auto agreed = terms("0-0-x", "ann", {.elicitation_form = true});
    agreed.revision = mcp::Revision::r2025_06_18;
    session.emplace(std::move(agreed), around.all);
    gate.spawn(ask_form(*session, outcome));
    around.loop.settle();
    EXPECT_EQ(
        events(session->get_stream()),
        R"({"id":1,"method":"elicitation/create","params":{"message":"?",)"
        R"("requestedSchema":{"type":"object","properties":{}}}})"
    );
}

// Of a stateless server there is none, and 2025-11-25 wants one.
TEST_F(Ask, gives_a_question_at_a_url_an_id) {
    auto agreed = terms("0-0-x", "ann", {.elicitation_url = true});
    agreed.revision = mcp::Revision::r2025_11_25;
    session.emplace(std::move(agreed), around.all);
    gate.spawn(ask_url(*session, outcome));
    around.loop.settle();
    EXPECT_EQ(
        events(session->get_stream()),
        R"({"id":1,"method":"elicitation/create","params":{"mode":"url","message":"?",)"
        R"("url":"https://a.test/","elicitationId":"bascule-1"}})"
    );
}

}  // namespace
}  // namespace gw::test
