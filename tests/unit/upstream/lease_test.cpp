#include "upstream/lease.hpp"

#include "children.hpp"
#include "support/fake_exchange.hpp"

#include <deque>

namespace gw::upstream {
namespace {

using Lines = std::vector<std::string>;

// What all links of a test share.
struct Wired {
    Lines sent;  // "METHOD PARAMS" of every request.
    std::deque<std::string> failures;
    bool is_stateless = false;
    Lines opened;
};

// Answers everything with {}; puts its own progress token in, as links do.
class FakeLink final : public Link {
public:
    explicit FakeLink(Wired& wired) : wired_(wired) {}

    Task<Result<Slice>> open(std::string_view params) override {
        wired_.opened.emplace_back(params);
        co_return Slice(std::string(R"({"capabilities":{"logging":{}},"serverInfo":{}})"));
    }

    Task<Result<mcp::Answer>> call(const mcp::Request& request, mcp::Exchange&) override {
        auto params = request.params;
        if (!request.progress_token.empty()) params.replace(request.progress_token, "7");
        wired_.sent.push_back(std::string(request.method) + " " + params.str());
        if (!wired_.failures.empty() && wired_.failures.front() == request.method) {
            wired_.failures.pop_front();
            co_return fail(Errc::unknown_session, "lost");
        }
        co_return test::completed("{}");
    }

    void notify(std::string_view, std::string_view) override {}

    bool is_usable() const override { return true; }

    bool is_stateless() const override { return wired_.is_stateless; }

    Task<> close() override { co_return; }

private:
    Wired& wired_;
};

class LeaseTest : public Children {
public:
    void with_lease(Task<> (*body)(LeaseTest& test, Lease& lease)) {
        Lease lease(around, config, {}, [this](const mcp::ClientCapabilities&) {
            return std::make_unique<FakeLink>(wired);
        });
        run(use(*this, lease, body));
    }

    Config config;
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

TEST_F(LeaseTest, takes_the_envelope_off_for_a_server_with_sessions) {
    with_lease([](LeaseTest& test, Lease& lease) -> Task<> {
        const Stateless plain("\"traceparent\":\"t\",");
        EXPECT_TRUE(co_await lease.call(plain.request(), test.caller));
        const Stateless wanting("\"progressToken\":\"p\",\"x\":1,");
        auto request = wanting.request("\"p\"");
        request.params.replace(std::string_view(wanting.params).substr(8, 3), "\"m\"");
        EXPECT_TRUE(co_await lease.call(request, test.caller));
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

TEST_F(LeaseTest, restores_level_and_subscriptions_of_a_session_that_was_lost) {
    with_lease([](LeaseTest& test, Lease& lease) -> Task<> {
        const auto call = [&](std::string_view method, std::string_view params) {
            return lease.call({.method = method, .params = params}, test.caller);
        };
        EXPECT_TRUE(co_await call("logging/setLevel", R"({"level":"notice"})"));
        EXPECT_TRUE(co_await call("resources/subscribe", R"({"uri":"x://a long enough uri"})"));
        test.wired.sent.clear();
        test.wired.failures = {"tools/call"};
        EXPECT_TRUE(co_await call("tools/call", R"({"name":"n"})"));
        EXPECT_EQ(
            test.wired.sent,
            (Lines{
                R"(tools/call {"name":"n"})",
                R"(logging/setLevel {"level":"notice"})",
                R"(resources/subscribe {"uri":"x://a long enough uri"})",
                R"(tools/call {"name":"n"})"
            })
        );
    });
}

}  // namespace
}  // namespace gw::upstream
