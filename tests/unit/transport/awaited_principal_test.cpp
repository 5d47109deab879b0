// Who asks is not known at once: somebody else has to be asked, such as a store.
#include "serving.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace gw::test {
namespace {

using namespace std::chrono_literals;

class AwaitedPrincipal : public Serving {
protected:
    async::Event answered{shard};

    AwaitedPrincipal() { authority->answered = &answered; }

    // A client whose call waits for somebody to say whose it is.
    FarSide& ask() {
        auto& client = connect();
        say(client, "asked");
        EXPECT_EQ(client.taken, "");
        EXPECT_TRUE(authority->is_asked);
        return client;
    }

    void say(FarSide& client, const std::string& token) {
        client.say(
            "POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token +
            "\r\nContent-Type: application/json\r\n"
            "Accept: application/json, text/event-stream\r\nContent-Length: " +
            std::to_string(ping.size()) + "\r\n\r\n" + std::string(ping)
        );
        settle();
    }

    void answer(Result<auth::PrincipalHandle> with) {
        authority->answer = std::move(with);
        answered.set();
        settle();
    }

    static std::string status_of(const FarSide& client) {
        const std::string_view text = client.taken;
        return std::string(text.substr(0, text.find("\r\n")));
    }
};

TEST_F(AwaitedPrincipal, is_waited_for_and_then_served) {
    auto& client = ask();
    pass(options.head_timeout - 1s);
    EXPECT_EQ(client.taken, "");
    answer(principal("ann"));
    EXPECT_EQ(status_of(client), "HTTP/1.1 200 OK");
    EXPECT_TRUE(client.taken.ends_with(R"({"jsonrpc":"2.0","id":8,"result":{}})")) << client.taken;
    pass(options.idle_timeout - 1s);
    EXPECT_FALSE(client.is_closed);
    client.taken.clear();
    say(client, "good");
    EXPECT_EQ(status_of(client), "HTTP/1.1 200 OK");
}

TEST_F(AwaitedPrincipal, that_nobody_knows_is_not_let_in) {
    auto& client = ask();
    answer(auth::PrincipalHandle());
    EXPECT_EQ(status_of(client), "HTTP/1.1 401 Unauthorized");
    EXPECT_EQ(count(client.taken, "WWW-Authenticate: Bearer"), 1);
}

TEST_F(AwaitedPrincipal, that_is_refused_is_told_so) {
    auto& client = ask();
    answer(fail(Errc::unauthenticated, "a bad token"));
    EXPECT_EQ(status_of(client), "HTTP/1.1 401 Unauthorized");
    EXPECT_GT(count(client.taken, "a bad token"), 0) << client.taken;
}

// A client that is told 401 throws its token away.
TEST_F(AwaitedPrincipal, that_could_not_be_looked_up_is_to_come_again) {
    for (const auto kind : {Errc::unavailable, Errc::upstream_failed, Errc::internal}) {
        auto& client = ask();
        answer(fail(kind, "the store at 10.0.0.7 does not answer"));
        EXPECT_EQ(status_of(client), "HTTP/1.1 503 Service Unavailable");
        EXPECT_EQ(count(client.taken, "Retry-After: "), 1);
        EXPECT_EQ(count(client.taken, "10.0.0.7"), 0) << "what is inside is for nobody";
    }
}

TEST_F(AwaitedPrincipal, about_whom_nobody_answers_is_waited_for_as_long_as_for_a_head) {
    auto& client = ask();
    pass(options.head_timeout + 1s);
    EXPECT_FALSE(authority->is_asked);
    EXPECT_EQ(status_of(client), "HTTP/1.1 503 Service Unavailable");
    client.taken.clear();
    say(client, "good");
    EXPECT_EQ(status_of(client), "HTTP/1.1 200 OK") << "the connection goes on";
}

TEST_F(AwaitedPrincipal, has_its_place_among_the_requests_that_run) {
    in_flight.set_max(1);
    auto& first = ask();
    auto& second = connect();
    say(second, "good");
    pass(100ms);
    EXPECT_EQ(status_of(second), "HTTP/1.1 503 Service Unavailable");
    answer(principal("ann"));
    EXPECT_EQ(status_of(first), "HTTP/1.1 200 OK");
    second.taken.clear();
    say(second, "good");
    EXPECT_EQ(status_of(second), "HTTP/1.1 200 OK");
}

TEST_F(AwaitedPrincipal, who_may_not_go_on_by_the_time_that_he_is_known_is_not_let_in) {
    auto& client = ask();
    authority->gone = "ann";
    answer(principal("ann"));
    EXPECT_EQ(status_of(client), "HTTP/1.1 401 Unauthorized");
}

TEST_F(AwaitedPrincipal, does_not_keep_the_gateway_from_ending) {
    auto& client = ask();
    async::Gate gate(shard);
    gate.spawn(server().close());
    settle();
    EXPECT_EQ(gate.running(), 0);
    EXPECT_FALSE(authority->is_asked);
    EXPECT_TRUE(client.is_closed);
}

}  // namespace
}  // namespace gw::test
