#include "upstream/http/probing_link.hpp"

#include "unit/upstream/http/stateless_fixture.hpp"

#include <array>
#include <optional>

namespace gw::upstream {
namespace {

// A server with sessions that shows what it was asked.
constexpr std::string_view with_sessions = R"py(
def discover(h, m): refuse(h, m, -32000)
def on(h, m):
    if m["method"] == "initialize": return initialize(h, m, "1")
    reply(h, m, {"seen": [each["method"] for each in seen]})
)py";

class ProbingLinkTest : public ScriptedServer {
public:
    using Body = Task<> (*)(ProbingLinkTest& test, Link& link);

    void with_link(std::string_view script, Body body) {
        body_ = body;
        with_server(script, [](ScriptedServer& base) -> Task<> {
            auto& test = static_cast<ProbingLinkTest&>(base);
            ProbingLink link(
                test.around, test.config, test.origin(), test.verdict, test.outside, test.purpose
            );
            test.opened = co_await link.open(
                R"({"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{}})"
            );
            co_await test.body_(test, link);
            co_await link.close();
        });
    }

    std::optional<Era> known() const { return verdict.get(shard.now()); }

    std::string seen(std::string_view methods) const {
        return R"({"seen": [)" + std::string(methods) + "]}";
    }

    std::optional<Result<Slice>> opened;

private:
    Body body_ = nullptr;
};

TEST_F(ProbingLinkTest, asks_whether_a_server_is_stateless_and_remembers_the_answer) {
    with_link(with_sessions, [](ProbingLinkTest& test, Link& link) -> Task<> {
        EXPECT_TRUE(test.opened->has_value());
        EXPECT_FALSE(link.is_stateless());
        EXPECT_EQ(test.known(), Era::sessions);
        EXPECT_EQ(
            co_await test.call(link, {.method = "x", .params = {}}),
            test.seen(R"("server/discover", "initialize", "notifications/initialized", "x")")
        );
    });
    with_link(with_sessions, [](ProbingLinkTest& test, Link& link) -> Task<> {
        EXPECT_EQ(
            co_await test.call(link, {.method = "x", .params = {}}),
            test.seen(R"("initialize", "notifications/initialized", "x")")
        );
    });
}

TEST_F(ProbingLinkTest, a_verdict_expires) {
    verdict.set(Era::sessions, shard.now());
    EXPECT_EQ(verdict.get(shard.now() + std::chrono::minutes(9)), Era::sessions);
    EXPECT_FALSE(verdict.get(shard.now() + std::chrono::minutes(10)));
}

TEST_F(ProbingLinkTest, does_not_initialize_a_stateless_server) {
    with_link("", [](ProbingLinkTest& test, Link& link) -> Task<> {
        EXPECT_TRUE(link.is_stateless());
        EXPECT_EQ(test.known(), Era::stateless);
        co_return;
    });
}

TEST_F(ProbingLinkTest, asks_again_when_a_server_that_had_sessions_refuses_to_initialize) {
    verdict.set(Era::sessions, shard.now());
    constexpr std::string_view script = R"py(
def on(h, m):
    if m["method"] == "initialize": return refuse(h, m, -32601, 404)
    reply(h, m, {"seen": [each["method"] for each in seen]})
)py";
    with_link(script, [](ProbingLinkTest& test, Link& link) -> Task<> {
        EXPECT_TRUE(link.is_stateless());
        EXPECT_EQ(test.known(), Era::stateless);
        EXPECT_EQ(
            co_await test.call(link, {.method = "x", .params = {}}),
            test.seen(R"("initialize", "server/discover", "x")")
        );
    });
}

TEST_F(ProbingLinkTest, initializes_a_server_that_was_stateless_and_is_not_any_more) {
    verdict.set(Era::stateless, shard.now());
    with_link(with_sessions, [](ProbingLinkTest& test, Link& link) -> Task<> {
        EXPECT_TRUE(test.opened->has_value());
        EXPECT_FALSE(link.is_stateless());
        EXPECT_EQ(test.known(), Era::sessions);
        co_return;
    });
}

// What leaves open which era it is.
constexpr std::array doubtful{
    "def discover(h, m): send(h, 401, b'')",
    "def discover(h, m): send(h, 403, b'')",
    "def discover(h, m): send(h, 500, b'')",
    "def discover(h, m): send(h, 501, b'')",
    "def discover(h, m): refuse(h, m, -32022, 502)",
    "def discover(h, m): send(h, 503, b'')",
    "def discover(h, m): h.close_connection = True",
    "def discover(h, m): refuse(h, m, -32601, 404)",
};

TEST_F(ProbingLinkTest, lets_initialize_decide_where_the_answer_leaves_the_era_open) {
    for (const std::string script : doubtful) {
        verdict.forget();
        logged.clear();
        with_link(
            std::string(with_sessions) + "\n" + script,
            [](ProbingLinkTest& test, Link& link) -> Task<> {
                EXPECT_TRUE(test.opened->has_value());
                EXPECT_FALSE(link.is_stateless());
                EXPECT_EQ(test.known(), Era::sessions);
                co_return;
            }
        );
        const bool is_known = script.contains("404");
        EXPECT_EQ(logged.size(), is_known ? 0U : 1U) << script;
        for (const auto& line : logged) {
            EXPECT_TRUE(line.contains("answered server/discover with")) << line;
            EXPECT_TRUE(line.contains(".era: sessions saves")) << line;
        }
    }
}

TEST_F(ProbingLinkTest, says_that_credentials_are_refused_when_initialize_finds_so_too) {
    constexpr std::string_view script = R"py(
def discover(h, m): send(h, 401, b"")
def on(h, m): send(h, 401, b"")
)py";
    with_link(script, [](ProbingLinkTest& test, Link&) -> Task<> {
        EXPECT_EQ(test.opened->error().kind, Errc::upstream_unauthorized);
        EXPECT_FALSE(test.known());
        EXPECT_TRUE(test.logged.at(0).contains(".headers right?")) << test.logged.at(0);
        co_return;
    });
}

TEST_F(ProbingLinkTest, takes_a_server_that_knows_neither_question_for_a_stateless_one) {
    constexpr std::string_view script = R"py(
def discover(h, m): refuse(h, m, -32601, 404)
def on(h, m): refuse(h, m, -32601, 404) if m["method"] == "initialize" else reply(h, m, {"resultType": "complete"})
)py";
    with_link(script, [](ProbingLinkTest& test, Link& link) -> Task<> {
        EXPECT_TRUE(link.is_stateless());
        EXPECT_EQ(test.known(), Era::stateless);
        EXPECT_EQ(
            co_await test.call(link, {.method = "x", .params = {}}), R"({"resultType": "complete"})"
        );
    });
}

TEST_F(ProbingLinkTest, speaks_the_era_that_is_configured) {
    config.era = Era::sessions;
    with_link(with_sessions, [](ProbingLinkTest& test, Link& link) -> Task<> {
        EXPECT_EQ(
            co_await test.call(link, {.method = "x", .params = {}}),
            test.seen(R"("initialize", "notifications/initialized", "x")")
        );
    });
    verdict.forget();
    config.era = Era::stateless;
    with_link(with_sessions, [](ProbingLinkTest& test, Link&) -> Task<> {
        EXPECT_FALSE(test.opened->has_value());
        co_return;
    });
}

}  // namespace
}  // namespace gw::upstream
