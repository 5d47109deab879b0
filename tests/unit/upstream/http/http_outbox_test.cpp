#include "upstream/http/http_outbox.hpp"

#include "support/run.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace gw::upstream {
namespace {

using Lines = std::vector<std::string>;

// A server that takes a message when the test says so.
class HttpOutboxTest : public testing::Test {
protected:
    ~HttpOutboxTest() override { loop.run(outbox.close()); }

    Task<> send(std::string message) {
        begun.push_back(message);
        async::Event taken(loop);
        open.push_back(&taken);
        co_await taken.wait();
        std::erase(open, &taken);
    }

    void push(const std::string& message) {
        outbox.push(message);
        loop.settle();
    }

    // Until nothing is on its way.
    void take_all() {
        while (!open.empty()) {
            open.front()->set();
            loop.settle();
        }
    }

    test::ManualLoop loop;
    Lines begun;
    std::vector<async::Event*> open;
    std::vector<std::size_t> dropped;
    HttpOutbox outbox{
        loop,
        2,
        [this](std::string message) { return send(std::move(message)); },
        [this](std::size_t count) { dropped.push_back(count); }
    };
};

TEST_F(HttpOutboxTest, sends_few_at_a_time_and_the_others_in_turn) {
    for (const auto* const message : {"a", "b", "c", "d"})
        push(message);
    EXPECT_EQ(begun, (Lines{"a", "b"}));
    take_all();
    EXPECT_EQ(begun, (Lines{"a", "b", "c", "d"}));
    EXPECT_TRUE(dropped.empty());
}

TEST_F(HttpOutboxTest, sends_what_says_the_same_as_one_that_waits_with_that) {
    for (int i = 0; i < 100; ++i)
        push("changed");
    take_all();
    EXPECT_EQ(begun, (Lines{"changed", "changed", "changed"}));
}

TEST_F(HttpOutboxTest, drops_the_oldest_of_too_many_and_tells_how_many) {
    for (std::size_t i = 0; i < HttpOutbox::count_max + 5; ++i)
        push(std::to_string(i));
    EXPECT_EQ(dropped, (std::vector<std::size_t>{1}));
    EXPECT_TRUE(outbox.is_full());
    take_all();
    EXPECT_EQ(begun.size(), HttpOutbox::count_max + 2);
    EXPECT_EQ(begun[2], "5");
    EXPECT_EQ(dropped, (std::vector<std::size_t>{1, 3}));
    EXPECT_FALSE(outbox.is_full());
}

TEST_F(HttpOutboxTest, drops_the_oldest_of_too_many_bytes_but_never_the_last) {
    const std::string large(HttpOutbox::bytes_max + 1, 'x');
    push("a");
    push("b");
    push("c");
    push(large);
    take_all();
    EXPECT_EQ(begun, (Lines{"a", "b", large}));
}

TEST_F(HttpOutboxTest, ends_with_what_waits_when_there_is_time) {
    for (const auto* const message : {"a", "b", "c"})
        push(message);
    async::Gate callers(loop);
    bool is_done = false;
    const auto finish = [](HttpOutbox& of, bool& done) -> Task<> {
        co_await of.finish();
        done = true;
    };
    callers.spawn(finish(outbox, is_done));
    loop.settle();
    push("d");
    EXPECT_FALSE(is_done);
    take_all();
    EXPECT_TRUE(is_done);
    EXPECT_EQ(begun, (Lines{"a", "b", "c"}));
    loop.run(callers.close());
}

}  // namespace
}  // namespace gw::upstream
