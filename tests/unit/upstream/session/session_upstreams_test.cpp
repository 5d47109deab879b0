#include "upstream/session/session_upstreams.hpp"

#include "support/principals.hpp"
#include "unit/upstream/http/stateless_fixture.hpp"

#include <optional>
#include <string>

namespace gw::upstream {
namespace {

constexpr std::string_view with_sessions = R"py(
opened = 0
def discover(h, m): refuse(h, m, -32000)
def on(h, m):
    global opened
    if m["method"] == "initialize":
        opened += 1
        return initialize(h, m, str(opened))
    reply(h, m, {"session": h.headers["Mcp-Session-Id"]})
)py";

// One client session, while the servers behind it are configured anew again and again.
class SessionUpstreamsTest : public ScriptedServer {
public:
    using Body = Task<> (*)(SessionUpstreamsTest& test);

    void with_session(Body body) {
        body_ = body;
        with_server(with_sessions, [](ScriptedServer& base) -> Task<> {
            auto& test = static_cast<SessionUpstreamsTest&>(base);
            test.config.url = "http://127.0.0.1:" + std::to_string(test.read_number("port"));
            test.session.upstreams =
                std::make_unique<SessionUpstreams>(test.hub, test.session, test.seal);
            co_await test.body_(test);
            test.session.end();
            co_await test.hub.close();
        });
    }

    // From now on there is one server, of this name, under a number of its own.
    void configure(const std::string& name) {
        config.name = name;
        config.number = ++number;
        hub.set_targets(std::make_shared<const Targets>(
            Targets{{number, std::make_shared<const Target>(*make_target(config, nullptr))}}
        ));
        session.upstreams->reconfigure(
            [&](std::string_view wanted) -> std::optional<auth::UpstreamNumber> {
                if (wanted != name) return {};
                return number;
            }
        );
    }

    auth::Permit permit() const {
        return *auth::authorize(
            *test::principal("anna"), auth::Action::invoke, {.name = "n", .upstream = number}
        );
    }

    mcp::PeerHandle connect() { return session.upstreams->connect(permit()).value(); }

    Task<std::string> call_server() {
        const auto peer = connect();
        const std::string_view params = R"({"name":"n"})";
        mcp::Request request{.method = "tools/call", .params = params};
        const auto answer = co_await peer->call(std::move(request), caller);
        co_return answer ? std::string(std::get<mcp::Completed>(*answer).result.view())
                         : to_string(answer.error());
    }

    auth::UpstreamNumber number = 0;
    gateway::TaskSeal seal{{1}};
    Hub hub{around, connector, processes};
    session::StreamLimits streams;
    session::Surroundings surroundings{
        shard, shard.wheel(), budget, streams, std::chrono::seconds(5)
    };
    session::Session session{
        {.id = "0-0-x",
         .owner = test::owner("anna"),
         .server = 0,
         .revision = mcp::newest_with_sessions,
         .capabilities = {}},
        surroundings
    };

private:
    Body body_ = nullptr;
};

TEST_F(SessionUpstreamsTest, have_one_upstream_session_at_a_server_however_often_it_changes) {
    with_session([](SessionUpstreamsTest& test) -> Task<> {
        constexpr int changes = 2000;
        test.configure("one");
        EXPECT_EQ(co_await test.call_server(), R"({"session": "1"})");
        const auto peer = test.connect();
        for (int i = 0; i < changes; ++i) {
            test.configure("one");
            EXPECT_EQ(test.connect(), peer);
            EXPECT_EQ(test.around.leases, 1U);
            if (i % 100 == 0) co_await test.call_server();
        }
        EXPECT_EQ(co_await test.call_server(), R"({"session": "22"})");
    });
}

TEST_F(SessionUpstreamsTest, lead_a_call_that_was_on_its_way_to_the_server_as_it_is_now) {
    with_session([](SessionUpstreamsTest& test) -> Task<> {
        test.configure("one");
        const auto before = test.permit();
        const auto peer = test.connect();
        test.configure("one");
        EXPECT_EQ(test.session.upstreams->connect(before).value(), peer);
        test.configure("other");
        EXPECT_EQ(test.session.upstreams->connect(before).value(), peer);
        co_await test.call_server();
    });
}

TEST_F(SessionUpstreamsTest, keep_nothing_of_servers_that_are_gone) {
    with_session([](SessionUpstreamsTest& test) -> Task<> {
        for (int i = 0; i < 50; ++i) {
            test.configure("server " + std::to_string(i));
            co_await test.call_server();
        }
        co_await test.until([&] { return test.around.leases == 1; });
        EXPECT_EQ(co_await test.call_server(), R"({"session": "50"})");
    });
}

TEST_F(SessionUpstreamsTest, let_who_holds_a_server_that_is_gone_end_his_calls_there) {
    with_session([](SessionUpstreamsTest& test) -> Task<> {
        test.configure("one");
        co_await test.call_server();
        auto held = test.connect();
        test.configure("other");
        test.configure("another");
        co_await test.call_server();
        co_await test.until([&] { return test.around.leases == 2; });
        const std::string_view params = R"({"name":"n"})";
        mcp::Request request{.method = "tools/call", .params = params};
        EXPECT_TRUE(co_await held->call(std::move(request), test.caller));
        held = nullptr;
        co_await test.until([&] { return test.around.leases == 1; });
    });
}

}  // namespace
}  // namespace gw::upstream
