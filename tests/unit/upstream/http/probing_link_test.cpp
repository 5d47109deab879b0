#include "upstream/http/probing_link.hpp"

#include "async/deadline.hpp"
#include "unit/upstream/http/stateless_fixture.hpp"

#include <array>
#include <optional>
#include <utility>

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

    std::optional<Era> known() const { return verdict.choice(purpose.prefers, shard.now()); }

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
    verdict.deny(Era::stateless, shard.now());
    const auto nearly = shard.now() + std::chrono::minutes(9);
    const auto later = shard.now() + std::chrono::minutes(10);
    EXPECT_EQ(verdict.choice(Era::stateless, nearly), Era::sessions);
    EXPECT_FALSE(verdict.choice(Era::stateless, later));
    EXPECT_FALSE(verdict.choice(Era::sessions, later));
    EXPECT_TRUE(verdict.has_spoken(Era::sessions));
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
    verdict.deny(Era::stateless, shard.now());
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

// A server of both eras, as far as the script leaves it so. It shows what it was asked.
constexpr std::string_view of_both_eras = R"py(
session = "1"
def on(h, m):
    if m["method"] == "initialize": return initialize(h, m, session)
    reply(h, m, {"resultType": "complete", "seen": [each["method"] for each in seen]})
)py";

class SessionsPreferred : public ProbingLinkTest {
public:
    SessionsPreferred() { purpose.prefers = Era::sessions; }

    // What a link is told of all that the server has been asked.
    void expect_seen(std::string_view script, std::string_view methods, bool is_stateless) {
        methods_ = methods;
        is_stateless_ = is_stateless;
        with_link(
            std::string(of_both_eras) + std::string(script),
            [](ProbingLinkTest& base, Link& link) -> Task<> {
                auto& test = static_cast<SessionsPreferred&>(base);
                EXPECT_TRUE(test.opened->has_value());
                EXPECT_EQ(link.is_stateless(), test.is_stateless_);
                const auto said = co_await test.call(link, {.method = "x", .params = {}});
                EXPECT_TRUE(said.contains(test.seen(test.methods_).substr(1))) << said;
            }
        );
    }

    std::optional<bool> speaks(Era era) const { return verdict.speaks(era, shard.now()); }

    bool expects_makeshift = false;

private:
    std::string methods_;
    bool is_stateless_ = false;
};

TEST_F(SessionsPreferred, a_server_of_both_eras_is_initialized_and_not_asked_anything_else) {
    expect_seen("", R"("initialize", "notifications/initialized", "x")", false);
    EXPECT_EQ(speaks(Era::sessions), true);
    EXPECT_EQ(speaks(Era::stateless), std::nullopt);
}

TEST_F(SessionsPreferred, links_that_prefer_either_era_have_it_at_one_server) {
    expect_seen("", R"("initialize", "notifications/initialized", "x")", false);
    purpose.prefers = Era::stateless;
    expect_seen("", R"("server/discover", "x")", true);
    purpose.prefers = Era::sessions;
    expect_seen("", R"("initialize", "notifications/initialized", "x")", false);
    EXPECT_EQ(speaks(Era::sessions), true);
    EXPECT_EQ(speaks(Era::stateless), true);
}

// How a server refuses to be initialized, if it is stateless.
constexpr std::array refusals{
    "def initialize(h, m, id): refuse(h, m, -32022, 400, {'supported': ['2026-07-28']})",
    "def initialize(h, m, id): refuse(h, m, -32601, 404)",
    "def initialize(h, m, id): refuse(h, m, -32601, 200)",
    "def initialize(h, m, id): send(h, 405, b'')",
    "def initialize(h, m, id): send(h, 200, b'<html>', 'text/html')",
};

TEST_F(SessionsPreferred, a_server_without_sessions_is_asked_for_them_once) {
    for (const auto* script : refusals) {
        verdict.forget();
        expect_seen(script, R"("initialize", "server/discover", "x")", true);
        EXPECT_EQ(speaks(Era::sessions), false) << script;
        expect_seen(script, R"("server/discover", "x")", true);
    }
}

TEST_F(SessionsPreferred, a_failure_proves_no_era_but_a_server_known_to_be_stateless_is_used) {
    verdict.set(Era::stateless, shard.now());
    for (const auto* script :
         {"def initialize(h, m, id): send(h, 503, b'')",
          "def initialize(h, m, id): send(h, 401, b'')",
          "def initialize(h, m, id): refuse(h, m, -32000, 429)",
          "def initialize(h, m, id): h.close_connection = True"}) {
        expect_seen(script, R"("initialize", "server/discover", "x")", true);
        EXPECT_EQ(speaks(Era::sessions), std::nullopt) << script;
    }
}

TEST_F(SessionsPreferred, a_session_without_an_id_is_none_where_the_server_is_stateless_as_well) {
    expect_seen(
        "session = None",
        R"("initialize", "notifications/initialized", "server/discover", "x")",
        true
    );
    EXPECT_EQ(speaks(Era::sessions), false);
    expect_seen("session = None", R"("server/discover", "x")", true);
}

TEST_F(SessionsPreferred, a_session_without_an_id_is_one_where_the_server_is_not_stateless) {
    constexpr std::string_view script = R"py(
session = None
def discover(h, m): refuse(h, m, -32601)
)py";
    expect_seen(
        script, R"("initialize", "notifications/initialized", "server/discover", "x")", false
    );
    EXPECT_EQ(speaks(Era::stateless), false);
    expect_seen(script, R"("initialize", "notifications/initialized", "x")", false);
}

TEST_F(SessionsPreferred, a_server_that_had_sessions_and_has_none_any_more_is_asked_anew) {
    verdict.set(Era::sessions, shard.now());
    verdict.deny(Era::stateless, shard.now());
    for (const auto shown : {std::optional<bool>(), std::optional(false)}) {
        expect_seen(refusals[0], R"("initialize", "server/discover", "x")", true);
        EXPECT_EQ(speaks(Era::sessions), shown);
        EXPECT_EQ(speaks(Era::stateless), true);
    }
    expect_seen(refusals[0], R"("server/discover", "x")", true);
}

TEST_F(SessionsPreferred, one_refusal_does_not_end_what_was_spoken_lately) {
    expect_seen("", R"("initialize", "notifications/initialized", "x")", false);
    expect_seen(refusals[1], R"("initialize", "server/discover", "x")", true);
    expect_seen("", R"("initialize", "notifications/initialized", "x")", false);
}

// A server that initializes slowly, and shows which sessions were ended.
constexpr std::string_view slow_to_initialize = R"py(
def on(h, m):
    if m["method"] != "initialize": return reply(h, m, {"resultType": "complete", "ended": ended})
    time.sleep(0.5)
    initialize(h, m, "late")
)py";

TEST_F(SessionsPreferred, what_answers_initialize_late_is_ended_and_shows_that_there_are_sessions) {
    verdict.set(Era::stateless, shard.now());
    limits.era_silence_max = std::chrono::milliseconds(50);
    with_link(slow_to_initialize, [](ProbingLinkTest& test, Link& link) -> Task<> {
        EXPECT_TRUE(link.is_stateless());
        EXPECT_FALSE(link.is_makeshift());  // Nothing says that another would be better.
        const auto speaks = [&] { return test.verdict.speaks(Era::sessions, test.shard.now()); };
        co_await test.until([&] { return speaks() == true; });
        EXPECT_TRUE(link.is_makeshift());
        std::string said;
        while (!said.contains("late"))
            said = co_await test.call(link, {.method = "x", .params = {}});
    });
    // From now on it is waited for.
    with_link(slow_to_initialize, [](ProbingLinkTest&, Link& link) -> Task<> {
        EXPECT_FALSE(link.is_stateless());
        co_return;
    });
}

TEST_F(ProbingLinkTest, a_session_that_is_opened_for_who_has_left_is_ended) {
    with_server(
        std::string(slow_to_initialize) + "def discover(h, m): refuse(h, m, -32000)",
        [](ScriptedServer& base) -> Task<> {
            auto& test = static_cast<ProbingLinkTest&>(base);
            const auto make = [&] {
                return std::make_unique<ProbingLink>(
                    test.around,
                    test.config,
                    test.origin(),
                    test.verdict,
                    test.outside,
                    test.purpose
                );
            };
            const auto left = make();
            {
                const async::Deadline leaves(
                    test.shard.wheel(),
                    test.shard.now() + std::chrono::milliseconds(200),
                    co_await this_fiber()
                );
                EXPECT_FALSE(co_await left->open("{}"));
            }
            co_await left->close();
            const auto stays = make();
            EXPECT_TRUE(co_await stays->open("{}"));
            const auto said = co_await test.call(*stays, {.method = "x", .params = {}});
            EXPECT_TRUE(said.contains("late")) << said;
            co_await stays->close();
        }
    );
}

TEST_F(SessionsPreferred, what_fails_for_now_leaves_a_makeshift_and_what_is_refused_does_not) {
    verdict.set(Era::stateless, shard.now());
    for (const auto& [script, is_makeshift] :
         {std::pair("def initialize(h, m, id): send(h, 503, b'')", true),
          std::pair("def initialize(h, m, id): send(h, 401, b'')", true),
          std::pair("def initialize(h, m, id): refuse(h, m, -32601, 404)", false)}) {
        expects_makeshift = is_makeshift;
        with_link(
            std::string(of_both_eras) + script,
            [](ProbingLinkTest& base, Link& link) -> Task<> {
                EXPECT_TRUE(link.is_stateless());
                EXPECT_EQ(
                    link.is_makeshift(), static_cast<SessionsPreferred&>(base).expects_makeshift
                );
                co_return;
            }
        );
    }
}

TEST_F(SessionsPreferred, a_server_that_comes_to_have_sessions_is_asked_for_them_in_time) {
    const auto before = shard.now() - EraVerdict::age_max;
    verdict.deny(Era::sessions, before);
    expect_seen("", R"("initialize", "notifications/initialized", "x")", false);
}

}  // namespace
}  // namespace gw::upstream
