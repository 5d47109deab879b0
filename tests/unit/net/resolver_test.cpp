#include "net/resolver.hpp"

#include "async/sleep.hpp"
#include "support/fake_clock.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>

namespace gw::test {
namespace {

using namespace std::chrono_literals;

// A shard with a clock that the test moves, and a name server that counts what it is asked.
class Resolver : public testing::Test {
protected:
    FakeClock clock;
    net::Shard shard{0, clock};
    net::Offload offload{{.threads = 1, .queue_max = 8}};
    std::atomic<int> asked = 0;
    std::atomic<bool> is_down = false;
    net::Resolver resolver{offload, [this](const std::string&) -> Result<net::Addresses> {
                               ++asked;
                               if (is_down) return fail(Errc::upstream_failed, "down");
                               return net::Addresses{boost::asio::ip::make_address("10.0.0.1")};
                           }};
    std::string log;

    Task<> resolve(std::string host) {
        const auto found = co_await resolver.resolve(shard, std::move(host));
        log += (found ? found->front().to_string() : to_string(found.error())) + ";";
    }

    // Until the shard has seen the clock.
    Task<> pass(TimePoint::duration time) {
        clock.pass(time);
        co_await async::sleep_until(shard, shard.wheel(), shard.now() + time / 2);
    }

    void run(Task<> body) {
        async::Gate gate(shard);
        gate.spawn(and_stop(std::move(body)));
        shard.run();
    }

private:
    Task<> and_stop(Task<> body) {
        co_await body;
        shard.stop();
    }
};

Task<> in_turn(Task<> first, Task<> second, Task<> third) {
    co_await first;
    co_await second;
    co_await third;
}

TEST_F(Resolver, remembers_an_answer_for_half_a_minute) {
    run(in_turn(resolve("a.example"), resolve("a.example"), resolve("b.example")));
    EXPECT_EQ(asked, 2);
    shard.io().restart();
    run(in_turn(pass(29s), resolve("a.example"), pass(2s)));
    EXPECT_EQ(asked, 2);
    shard.io().restart();
    run(resolve("a.example"));
    EXPECT_EQ(asked, 3);
    EXPECT_EQ(log, "10.0.0.1;10.0.0.1;10.0.0.1;10.0.0.1;10.0.0.1;");
}

TEST_F(Resolver, asks_again_after_a_failure) {
    is_down = true;
    run(resolve("a.example"));
    is_down = false;
    shard.io().restart();
    run(resolve("a.example"));
    EXPECT_EQ(log, "upstream_failed: down;10.0.0.1;");
}

TEST_F(Resolver, asks_nobody_for_a_numeric_address) {
    run(in_turn(resolve("192.0.2.7"), resolve("2001:db8::7"), resolve("::1")));
    EXPECT_EQ(log, "192.0.2.7;2001:db8::7;::1;");
    EXPECT_EQ(asked, 0);
}

TEST(LookUp, finds_localhost_and_says_what_it_did_not_find) {
    const auto found = net::look_up("localhost");
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->front().is_loopback());
    const auto missing = net::look_up("no-such-host.invalid");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().kind, Errc::upstream_failed);
    EXPECT_TRUE(missing.error().detail.starts_with("no-such-host.invalid: "));
}

}  // namespace
}  // namespace gw::test
