#include "upstream/lease/lease.hpp"

#include "base/json.hpp"
#include "gateway/client_tasks.hpp"
#include "mcp/outgoing.hpp"
#include "support/fake_exchange.hpp"
#include "unit/upstream/process/children.hpp"

#include <deque>
#include <functional>
#include <optional>

namespace gw::upstream {
namespace {

using Lines = std::vector<std::string>;

// What all links of a test share.
struct Wired {
    Lines sent;  // "METHOD PARAMS" of every request.
    std::deque<std::string> failures;
    std::string more_capabilities;
    bool is_stateless = false;
    bool is_makeshift = false;
    bool has_subscriptions = true;
    Lines opened;
    std::function<mcp::Answer()> answer = [] { return test::completed("{}"); };
    std::optional<mcp::Notification> says;  // Before it answers.
    int says_times = 1;
    std::optional<mcp::ServerRequest> asks;  // The same.
    std::string was_told;                    // What came of that.
    bool was_withdrawn = false;
    std::function<void()> lose;  // Lets the server forget the last session.
};

// Answers everything with {}; puts its own progress token in, as links do.
class FakeLink final : public Link, mcp::Withdrawable {
public:
    FakeLink(Wired& wired, const LinkPurpose& purpose) : wired_(wired) {
        wired_.lose = [this, lost = purpose.lost] {
            is_lost_ = true;
            lost();
        };
    }

    Task<Result<Slice>> open(std::string_view params) override {
        wired_.opened.emplace_back(params);
        co_return Slice(
            R"({"capabilities":{"logging":{},"resources":{"subscribe":)" +
            std::string(wired_.has_subscriptions ? "true}" : "false}") + wired_.more_capabilities +
            R"(},"serverInfo":{}})"
        );
    }

    Task<Result<mcp::Answer>> call(const mcp::Request& request, mcp::Exchange& caller) override {
        const auto params =
            wired_.is_stateless ? request.params : mcp::session_params(request, "7");
        wired_.sent.push_back(std::string(request.method) + " " + params.str());
        if (!wired_.failures.empty() && wired_.failures.front() == request.method) {
            wired_.failures.pop_front();
            co_return fail(Errc::unknown_session, "lost");
        }
        caller.set_withdrawable(this);
        for (int i = 0; wired_.says && i < wired_.says_times; ++i)
            std::ignore = co_await caller.notify(*wired_.says);
        if (wired_.asks) wired_.was_told = test::bytes(co_await caller.ask(*wired_.asks));
        caller.set_withdrawable(nullptr);
        if (wired_.was_withdrawn) co_return fail(Errc::cancelled, "withdrawn");
        co_return wired_.answer();
    }

    void withdraw() override { wired_.was_withdrawn = true; }

    void notify(std::string_view method, std::string_view params) override {
        wired_.sent.push_back(std::string(method) + " " + std::string(params));
    }

    bool is_usable() const override { return !is_lost_; }

    bool is_stateless() const override { return wired_.is_stateless; }

    bool is_makeshift() const override { return wired_.is_makeshift; }

    Task<> close() override { co_return; }

private:
    Wired& wired_;
    bool is_lost_ = false;
};

class LeaseTest : public Children {
public:
    void with_lease(Task<> (*body)(LeaseTest& test, Lease& lease)) {
        const auto make_link = [this](const LinkPurpose& purpose) {
            return std::make_unique<FakeLink>(wired, purpose);
        };
        Lease lease(around, ConfigHandle(ConfigHandle(), &config), capabilities, make_link, tasks);
        run(use(*this, lease, body));
    }

    Config config;
    mcp::ClientCapabilities capabilities;
    gateway::ClientTasks* tasks = nullptr;
    Wired wired;
    test::FakeExchange caller;

private:
    static Task<> use(
        LeaseTest& test, Lease& lease, Task<> (*body)(LeaseTest& test, Lease& lease)
    ) {
        co_await body(test, lease);
        co_await lease.close();
    }
};

// {"name":"n","_meta":{...}} of a stateless client.
struct Stateless {
    explicit Stateless(std::string_view more, std::optional<mcp::LogLevel> level = {})
        : meta(
              R"({"io.modelcontextprotocol/protocolVersion":"2026-07-28",)" + std::string(more) +
              R"("io.modelcontextprotocol/clientCapabilities":{}})"
          ),
          params(R"({"name":"n","_meta":)" + meta + R"(,"arguments":{}})"),
          envelope{.capabilities = {}, .log_level = level} {}

    mcp::Request request(std::string_view token = {}) const {
        const std::string_view text = params;
        const auto token_at = token.empty() ? std::string_view() : text.substr(text.find(token));
        return {
            .method = "tools/call",
            .params = text,
            .progress_token = token_at.substr(0, token.size()),
            .meta = text.substr(text.find(meta), meta.size()),
            .envelope = &envelope
        };
    }

    std::string meta;
    std::string params;
    mcp::Envelope envelope;
};

TEST_F(LeaseTest, a_makeshift_gives_way_to_another_link_after_a_while) {
    around.renewal_pause = std::chrono::milliseconds(0);
    wired.is_stateless = wired.is_makeshift = true;
    with_lease([](LeaseTest& test, Lease& lease) -> Task<> {
        const mcp::Request ping{.method = "ping", .params = {}};
        EXPECT_TRUE(co_await lease.call(mcp::Request(ping), test.caller));
        EXPECT_EQ(test.wired.opened.size(), 1U);
        EXPECT_TRUE(co_await lease.call(mcp::Request(ping), test.caller));
        EXPECT_EQ(test.wired.opened.size(), 2U);
        test.wired.is_makeshift = false;
        EXPECT_TRUE(co_await lease.call(mcp::Request(ping), test.caller));
        EXPECT_EQ(test.wired.opened.size(), 2U);
        test.around.renewal_pause = std::chrono::hours(1);
        // From now on it is looked at after an hour.
        EXPECT_TRUE(co_await lease.call(mcp::Request(ping), test.caller));
        test.wired.is_makeshift = true;
        EXPECT_TRUE(co_await lease.call(mcp::Request(ping), test.caller));
        EXPECT_EQ(test.wired.opened.size(), 2U);
    });
}

TEST_F(LeaseTest, takes_the_envelope_off_for_a_server_with_sessions) {
    with_lease([](LeaseTest& test, Lease& lease) -> Task<> {
        const Stateless plain("\"traceparent\":\"t\",");
        EXPECT_TRUE(co_await lease.call(plain.request(), test.caller));
        const Stateless wanting("\"progressToken\":\"p\",\"x\":1,");
        auto request = wanting.request("\"p\"");
        request.params.replace(std::string_view(wanting.params).substr(8, 3), "\"m\"");
        EXPECT_TRUE(co_await lease.call(mcp::Request(request), test.caller));
        EXPECT_EQ(
            test.wired.sent,
            (Lines{
                R"(tools/call {"name":"n","_meta":{"traceparent":"t"},"arguments":{}})",
                R"(tools/call {"name":"m","_meta":{"progressToken":7,"x":1},"arguments":{}})"
            })
        );
    });
}

TEST_F(LeaseTest, leaves_the_envelope_for_a_stateless_server) {
    wired.is_stateless = true;
    with_lease([](LeaseTest& test, Lease& lease) -> Task<> {
        const Stateless plain("");
        EXPECT_TRUE(co_await lease.call(plain.request(), test.caller));
        EXPECT_EQ(test.wired.sent, Lines{"tools/call " + plain.params});
        EXPECT_TRUE(lease.is_stateless());
    });
}

TEST_F(LeaseTest, takes_the_envelope_off_again_when_the_session_was_lost) {
    wired.failures = {"tools/call"};
    with_lease([](LeaseTest& test, Lease& lease) -> Task<> {
        const Stateless plain("");
        EXPECT_TRUE(co_await lease.call(plain.request(), test.caller));
        const std::string bare = R"(tools/call {"name":"n","_meta":{},"arguments":{}})";
        EXPECT_EQ(test.wired.sent, (Lines{bare, bare}));
        EXPECT_EQ(test.wired.opened.size(), 2U);
    });
}

TEST_F(LeaseTest, raises_the_log_level_of_a_session_to_the_lowest_that_a_request_wants) {
    with_lease([](LeaseTest& test, Lease& lease) -> Task<> {
        for (const auto level :
             {mcp::LogLevel::warning, mcp::LogLevel::error, mcp::LogLevel::info}) {
            const Stateless wanting("", level);
            EXPECT_TRUE(co_await lease.call(wanting.request(), test.caller));
        }
        const Stateless quiet("");
        EXPECT_TRUE(co_await lease.call(quiet.request(), test.caller));
        const std::string bare = R"(tools/call {"name":"n","_meta":{},"arguments":{}})";
        EXPECT_EQ(
            test.wired.sent,
            (Lines{
                R"(logging/setLevel {"level":"warning"})",
                bare,
                bare,
                R"(logging/setLevel {"level":"info"})",
                bare,
                bare
            })
        );
    });
}

TEST_F(LeaseTest, subscribes_at_no_server_that_has_not_said_that_one_can) {
    wired.has_subscriptions = false;
    with_lease([](LeaseTest& test, Lease& lease) -> Task<> {
        for (const std::string_view method : {"resources/subscribe", "resources/unsubscribe"}) {
            const std::string_view params = R"({"uri":"x://y"})";
            const auto answer =
                co_await lease.call({.method = method, .params = params}, test.caller);
            EXPECT_EQ(answer.error().kind, Errc::unknown_method);
        }
        EXPECT_EQ(test.wired.sent, Lines());
        EXPECT_FALSE(lease.has_subscriptions());
    });
}

// What was sent once more is not sent a third time, whoever finds another reason.
TEST_F(LeaseTest, sends_a_request_twice_at_most) {
    wired.failures = {"tools/call", "tools/call", "tools/call"};
    with_lease([](LeaseTest& test, Lease& lease) -> Task<> {
        const std::string_view params = "{}";
        mcp::Request request{.method = "tools/call", .params = params};
        EXPECT_EQ(
            test::bytes(co_await lease.call(mcp::Request(request), test.caller)),
            "upstream_failed: upstream refused the request"
        );
        EXPECT_EQ(test.wired.sent.size(), 2U);
        request.is_repetition = true;
        EXPECT_FALSE(co_await lease.call(mcp::Request(request), test.caller));
        EXPECT_EQ(test.wired.sent.size(), 3U);
    });
}

TEST_F(LeaseTest, passes_on_only_progress_that_grows) {
    wired.says = mcp::Notification{
        .method = "notifications/progress", .params = R"({"progressToken":7,"progress":1})"
    };
    wired.says_times = 3;
    with_lease([](LeaseTest& test, Lease& lease) -> Task<> {
        const std::string_view params = "{}";
        EXPECT_TRUE(co_await lease.call({.method = "tools/call", .params = params}, test.caller));
        EXPECT_EQ(test.caller.heard.size(), 1U);
        // Each call counts for itself.
        EXPECT_TRUE(co_await lease.call({.method = "tools/call", .params = params}, test.caller));
        EXPECT_EQ(test.caller.heard.size(), 2U);
    });
}

TEST_F(LeaseTest, restores_level_and_subscriptions_of_a_session_that_was_lost) {
    with_lease([](LeaseTest& test, Lease& lease) -> Task<> {
        // NOLINTNEXTLINE(cppcoreguidelines-avoid-capturing-lambda-coroutines): awaited.
        const auto call = [&](std::string_view method,
                              std::string_view params) -> Task<Result<mcp::Answer>> {
            co_return co_await lease.call({.method = method, .params = params}, test.caller);
        };
        EXPECT_TRUE(co_await call("logging/setLevel", R"({"level":"notice"})"));
        EXPECT_TRUE(co_await call("resources/subscribe", R"({"uri":"x://a long enough uri"})"));
        test.wired.sent.clear();
        test.wired.failures = {"tools/call"};
        EXPECT_TRUE(co_await call("tools/call", R"({"name":"n"})"));
        // The call need not wait for the subscription.
        co_await test.until([&] { return test.wired.sent.size() == 4; });
        EXPECT_EQ(
            test.wired.sent,
            (Lines{
                R"(tools/call {"name":"n"})",
                R"(logging/setLevel {"level":"notice"})",
                R"(tools/call {"name":"n"})",
                R"(resources/subscribe {"uri":"x://a long enough uri"})"
            })
        );
    });
}

TEST_F(LeaseTest, opens_a_lost_session_again_for_what_it_is_subscribed_to) {
    with_lease([](LeaseTest& test, Lease& lease) -> Task<> {
        const mcp::Request subscribe{
            .method = "resources/subscribe", .params = std::string_view(R"({"uri":"x://a"})")
        };
        EXPECT_TRUE(co_await lease.call(mcp::Request(subscribe), test.caller));
        test.wired.sent.clear();
        test.wired.lose();
        co_await test.until([&] { return !test.wired.sent.empty(); });
        EXPECT_EQ(test.wired.opened.size(), 2U);
        EXPECT_EQ(test.wired.sent, Lines{R"(resources/subscribe {"uri":"x://a"})"});
    });
}

TEST_F(LeaseTest, tells_of_each_resource_once_it_is_subscribed_to_again_whatever_is_refused) {
    with_lease([](LeaseTest& test, Lease& lease) -> Task<> {
        Lines told;
        lease.tell_missed([&](const std::string& uri) { told.push_back(uri); });
        for (const std::string_view params : {R"({"uri":"x://a"})", R"({"uri":"x://b"})"}) {
            mcp::Request subscribe{.method = "resources/subscribe", .params = params};
            EXPECT_TRUE(co_await lease.call(std::move(subscribe), test.caller));
        }
        EXPECT_EQ(told, Lines{});
        test.wired.answer = [&]() -> mcp::Answer {
            if (!test.wired.sent.back().contains("x://a")) return test::completed("{}");
            return mcp::Refused{Slice(std::string(R"({"code":1})"))};
        };
        test.wired.lose();
        co_await test.until([&] { return told.size() == 2; });
        EXPECT_EQ(test.wired.opened.size(), 2U);
        EXPECT_TRUE(lease.is_open());
    });
}

TEST_F(LeaseTest, goes_on_at_a_server_that_is_reached_in_another_way) {
    with_lease([](LeaseTest& test, Lease& lease) -> Task<> {
        Lines told;
        lease.tell_missed([&](const std::string& uri) { told.push_back(uri); });
        mcp::Request subscribe{
            .method = "resources/subscribe", .params = std::string_view(R"({"uri":"x://a"})")
        };
        EXPECT_TRUE(co_await lease.call(std::move(subscribe), test.caller));
        auto other = std::make_shared<Config>();
        other->name = "the same, elsewhere";
        test.wired.sent.clear();
        lease.move_to(other);
        EXPECT_EQ(lease.name(), "the same, elsewhere");
        co_await test.until([&] { return told.size() == 1; });
        EXPECT_EQ(test.wired.opened.size(), 2U);
        EXPECT_EQ(test.wired.sent, Lines{R"(resources/subscribe {"uri":"x://a"})"});
    });
}

TEST_F(LeaseTest, opens_nothing_at_a_server_that_is_reached_in_another_way_before_it_is_called) {
    with_lease([](LeaseTest& test, Lease& lease) -> Task<> {
        const mcp::Request request{.method = "tools/list", .params = std::string_view("{}")};
        EXPECT_TRUE(co_await lease.call(mcp::Request(request), test.caller));
        lease.move_to(std::make_shared<Config>());
        EXPECT_FALSE(lease.is_open());
        EXPECT_EQ(test.wired.opened.size(), 1U);
        EXPECT_TRUE(co_await lease.call(mcp::Request(request), test.caller));
        EXPECT_EQ(test.wired.opened.size(), 2U);
    });
}

mcp::Request plain() {
    return {.method = "tools/call", .params = std::string_view(R"({"name":"n"})")};
}

TEST_F(LeaseTest, opens_a_lost_session_again_for_an_owner_who_wants_that) {
    with_lease([](LeaseTest& test, Lease& lease) -> Task<> {
        EXPECT_TRUE(co_await lease.call(plain(), test.caller));
        test.wired.lose();  // Nobody wants it yet.
        EXPECT_TRUE(co_await lease.call(plain(), test.caller));
        EXPECT_EQ(test.wired.opened.size(), 2U);
        bool is_reopened = false;
        lease.keep_open([&] { is_reopened = true; });
        test.wired.lose();
        EXPECT_EQ(test.wired.opened.size(), 2U);
        co_await test.until([&] { return is_reopened; });
        EXPECT_EQ(test.wired.opened.size(), 3U);
    });
}

TEST_F(LeaseTest, closes_while_it_waits_to_open_a_lost_session_again) {
    with_lease([](LeaseTest& test, Lease& lease) -> Task<> {
        lease.keep_open([] { ADD_FAILURE(); });
        EXPECT_TRUE(co_await lease.call(plain(), test.caller));
        test.wired.lose();
    });
    EXPECT_EQ(wired.opened.size(), 1U);
}

TEST_F(LeaseTest, says_of_an_error_whether_its_server_is_stateless) {
    for (const bool is_stateless : {true, false}) {
        wired.is_stateless = is_stateless;
        wired.answer = [] { return mcp::Refused{Slice(std::string(R"({"code":-32602})"))}; };
        with_lease([](LeaseTest& test, Lease& lease) -> Task<> {
            EXPECT_TRUE(lease.may_require_input());
            const auto answer = co_await lease.call(plain(), test.caller);
            EXPECT_EQ(std::get<mcp::Refused>(*answer).is_stateless, test.wired.is_stateless);
            EXPECT_EQ(lease.may_require_input(), test.wired.is_stateless);
        });
    }
}

TEST_F(LeaseTest, names_the_server_to_users_from_the_first_call_that_wants_it) {
    config.name = "gh";
    capabilities.elicitation_form = true;
    wired.asks = {.method = "elicitation/create", .params = R"({"message":"?"})"};
    with_lease([](LeaseTest& test, Lease& lease) -> Task<> {
        auto request = plain();
        EXPECT_TRUE(co_await lease.call(mcp::Request(request), test.caller));
        request.names_asker = true;
        EXPECT_TRUE(co_await lease.call(mcp::Request(request), test.caller));
        EXPECT_EQ(
            test.caller.heard,
            (Lines{
                R"(elicitation/create {"message":"?"})",
                R"(elicitation/create {"message":"[gh] ?"})"
            })
        );
    });
}

TEST_F(LeaseTest, a_server_that_is_told_exactly_what_the_client_can_do_is_refused_the_rest) {
    wired.asks = {.method = "roots/list", .params = {}};
    with_lease([](LeaseTest& test, Lease& lease) -> Task<> {
        EXPECT_TRUE(co_await lease.call(plain(), test.caller));
        EXPECT_TRUE(test.wired.opened.front().contains(R"("capabilities":{})"));
        EXPECT_TRUE(test.caller.heard.empty());
        EXPECT_FALSE(test.wired.was_withdrawn);
    });
}

TEST_F(LeaseTest, a_call_is_withdrawn_that_needs_more_than_its_client_can_do) {
    config.declares_all = true;
    config.may_use_sampling = false;
    wired.asks = {.method = "roots/list", .params = {}};
    with_lease([](LeaseTest& test, Lease& lease) -> Task<> {
        const auto answer = co_await lease.call(plain(), test.caller);
        EXPECT_TRUE(test.wired.opened.front().contains(
            R"("capabilities":{"roots":{},"elicitation":{"form":{},"url":{}}})"
        )) << test.wired.opened.front();
        EXPECT_EQ(answer.error().kind, Errc::capability_missing);
        EXPECT_EQ(answer.error().data, R"({"requiredCapabilities":{"roots":{}}})");
        EXPECT_TRUE(test.wired.was_withdrawn);
        EXPECT_TRUE(test.caller.heard.empty());
    });
}

TEST_F(LeaseTest, a_stateless_server_cannot_ask_for_more_than_the_client_can_do_either) {
    config.declares_all = true;
    wired.is_stateless = true;
    wired.answer = [] {
        return mcp::InputRequired{
            Slice(std::string(R"({"resultType":"input_required","inputRequests":{"a":)"
                              R"({"method":"sampling/createMessage","params":{}}}})"))
        };
    };
    with_lease([](LeaseTest& test, Lease& lease) -> Task<> {
        const auto answer = co_await lease.call(plain(), test.caller);
        EXPECT_EQ(answer.error().kind, Errc::capability_missing);
        EXPECT_EQ(answer.error().data, R"({"requiredCapabilities":{"sampling":{}}})");
    });
}

// A lease for a client that has the tasks of its server in its core.
class LeaseTasksTest : public LeaseTest {
public:
    LeaseTasksTest() {
        wired.more_capabilities = R"(,"tasks":{"requests":{"tools":{"call":{}}}})";
        wired.says = {
            .method = "notifications/progress",
            .params = theirs,
            .progress_token = theirs.substr(theirs.find('7'), 1),
            .is_of_task = true
        };
        wired.asks = {.method = "roots/list", .params = theirs};
        wired.answer = [] {
            return mcp::Completed{.result = Slice(std::string(theirs)), .has_related_task = true};
        };
        capabilities.roots = true;
        tasks = &client_tasks;
        caller.reply = ours();
    }

    // With the id that the client has for the task, in the session that is open.
    std::string ours() const { return client_tasks.with_client_ids(theirs); }

    static constexpr std::string_view theirs =
        R"({"progressToken":7,"_meta":{"io.modelcontextprotocol/related-task":{"taskId":"t"}}})";

private:
    gateway::TaskSeal seal{{1}};
    gateway::ClientTasks client_tasks{seal, session::Terms(), "gh"};
};

TEST_F(LeaseTasksTest, says_all_with_the_clients_ids_and_brings_back_the_servers) {
    with_lease([](LeaseTest& base, Lease& lease) -> Task<> {
        auto& test = static_cast<LeaseTasksTest&>(base);
        const auto answer = test::bytes(co_await lease.call(plain(), test.caller));
        const auto ours = test.ours();
        EXPECT_NE(ours, theirs);
        EXPECT_EQ(answer, ours);
        EXPECT_EQ(
            test.caller.heard, (Lines{"notifications/progress " + ours, "roots/list " + ours})
        );
        EXPECT_EQ(test.wired.was_told, theirs);
        lease.notify("notifications/progress", ours);
        EXPECT_EQ(test.wired.sent.back(), "notifications/progress " + std::string(theirs));
    });
}

TEST_F(LeaseTasksTest, passes_progress_on_after_the_call_that_began_the_task) {
    with_lease([](LeaseTest& test, Lease& lease) -> Task<> {
        constexpr std::string_view params = R"({"name":"n","_meta":{"progressToken":"p"}})";
        const mcp::Request request{
            .method = "tools/call",
            .params = params,
            .progress_token = params.substr(params.find("\"p\""), 3),
            .begins_task = true
        };
        EXPECT_TRUE(co_await lease.call(mcp::Request(request), test.caller));
        const std::string begun = test.wired.sent.back().substr(std::string("tools/call ").size());
        const auto sent = json::Object::parse(begun);
        const auto meta = json::Object::parse((*sent)["_meta"]);
        const auto token = std::string((*meta)["progressToken"]);
        EXPECT_NE(token, "7");  // The link's.
        test.caller.heard.clear();
        for (const auto& each : {token, std::string("7")}) {
            const auto told = R"({"progressToken":)" + each + R"(,"progress":1})";
            const mcp::Notification progress{
                .method = "notifications/progress",
                .params = told,
                .progress_token = std::string_view(told).substr(17, each.size())
            };
            EXPECT_TRUE(co_await lease.tell_progress(test.caller, progress));
        }
        EXPECT_EQ(
            test.caller.heard, Lines{R"(notifications/progress {"progressToken":"p","progress":1})"}
        );
    });
}

TEST_F(LeaseTasksTest, leaves_a_server_alone_that_has_no_tasks) {
    wired.more_capabilities.clear();
    with_lease([](LeaseTest& base, Lease& lease) -> Task<> {
        auto& test = static_cast<LeaseTasksTest&>(base);
        EXPECT_EQ(test::bytes(co_await lease.call(plain(), test.caller)), theirs);
        EXPECT_EQ(test.caller.heard[0], "notifications/progress " + std::string(theirs));
        EXPECT_EQ(test.caller.heard[1], "roots/list " + std::string(theirs));
        EXPECT_EQ(test.wired.was_told, test.caller.reply);
    });
}

}  // namespace
}  // namespace gw::upstream
