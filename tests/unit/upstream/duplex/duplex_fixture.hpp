#pragma once

#include "async/gate.hpp"
#include "support/run.hpp"
#include "upstream/duplex/duplex.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace gw::upstream {

inline mcp::Request request(std::string_view method, std::string_view params = {}) {
    return {.method = method, .params = params, .progress_token = {}};
}

// Anything that takes messages and keeps them for the test.
struct Wire final : Outlet {
    std::vector<std::string> sent;
    std::optional<Error> failure;

    Result<void> send(Buffer message, std::optional<CallId> /*call*/) override {
        if (failure) return std::unexpected(*failure);
        sent.emplace_back(message.view());
        return {};
    }

    std::string last() const { return sent.empty() ? "" : sent.back(); }
};

// A caller that writes down what it hears. While `is_slow` its notify() waits.
struct Caller : mcp::Exchange {
    explicit Caller(async::Loop& on) : loop(on), go_on(on) {}

    async::Loop& loop;
    std::vector<std::string> heard;
    bool is_slow = false;
    bool thinks = false;        // ask() waits until its thought is set.
    std::string result = "{}";  // What it answers, unless one of these is set.
    std::string refusal;
    std::optional<Error> failure;
    async::Event go_on;
    std::vector<async::Event*> thoughts;
    mcp::Withdrawable* call = nullptr;

    Task<Result<void>> notify(mcp::Notification notification) override {
        if (is_slow && !co_await go_on.wait()) co_return fail(Errc::cancelled, "cancelled");
        heard.push_back(
            std::string(notification.method) + " " + std::string(notification.params) +
            (notification.progress_token.empty()
                 ? ""
                 : " token " + std::string(notification.progress_token))
        );
        co_return Result<void>();
    }

    Task<Result<mcp::Answer>> ask(mcp::ServerRequest request) override {
        heard.push_back(std::string(request.method) + "? " + std::string(request.params));
        if (thinks) {
            async::Event replied(loop);
            thoughts.push_back(&replied);
            const bool has_replied = co_await replied.wait();
            std::erase(thoughts, &replied);
            if (!has_replied) {
                heard.emplace_back("withdrawn");
                co_return fail(Errc::cancelled, "cancelled");
            }
        }
        if (failure) co_return std::unexpected(*failure);
        if (!refusal.empty()) co_return mcp::Refused{Slice(refusal)};
        co_return mcp::Completed{Slice(result), {}};
    }

    void set_withdrawable(mcp::Withdrawable* of) override { call = of; }
};

// A duplex whose other end is the test, on a loop and at a time that the test moves.
class DuplexTest : public testing::Test {
protected:
    struct Running {
        mcp::Request request;
        std::optional<Result<mcp::Answer>> answer;
    };

    ~DuplexTest() override {
        loop.run(duplex.close({Errc::cancelled, "closed", {}, {}}));
        loop.settle();
        EXPECT_EQ(calls.running(), 0U);
    }

    // Starts a call; `state` lives as long as it.
    void start(Running& state, mcp::Exchange& who) {
        calls.spawn(keep(duplex, state, who));
        loop.settle();
    }

    Running& start(mcp::Request what, mcp::Exchange& who) {
        auto& state = states.emplace_back(std::move(what), std::nullopt);
        start(state, who);
        return state;
    }

    // Connects, so that ids from 1 on are the test's.
    void open() {
        std::optional<Result<Slice>> opened;
        calls.spawn(keep_open(duplex, opened));
        loop.settle();
        hear(R"({"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-11-25"}})");
        EXPECT_TRUE(opened && *opened);
        wire.sent.clear();
    }

    void hear(std::string_view message) {
        Buffer text;
        text.append(message);
        duplex.receive(std::move(text), nullptr);
        loop.settle();
    }

    void pass(std::chrono::milliseconds time) {
        wheel.advance(wheel.now() + time);
        loop.settle();
    }

    static std::string outcome(const Running& run) {
        if (!run.answer) return "running";
        if (!*run.answer) return to_string(run.answer->error());
        if (const auto* refused = std::get_if<mcp::Refused>(&**run.answer)) {
            return "refused " + std::string(refused->error.view());
        }
        return std::string(std::get<mcp::Completed>(**run.answer).result.view());
    }

    static Task<> keep(Duplex& of, Running& state, mcp::Exchange& who) {
        state.answer = co_await of.call(state.request, who);
    }

    static Task<> keep_open(Duplex& of, std::optional<Result<Slice>>& opened) {
        opened = co_await of.open(R"({"capabilities":{}})");
    }

    test::ManualLoop loop;
    async::Wheel wheel{TimePoint(std::chrono::hours(1))};
    std::vector<std::string> logged;
    const ServerLog sink = [this](std::string_view, std::string_view line) {
        logged.emplace_back(line);
    };
    const Config config = [] {
        Config files;
        files.name = "files";
        return files;
    }();
    BoundedLog log{config, sink, wheel};
    Wire wire;
    Caller outside{loop};
    Caller caller{loop};
    std::deque<Running> states;
    async::Gate calls{loop};
    Limits limits;
    Duplex duplex{loop, wheel, limits, log, wire, outside};
};

}  // namespace gw::upstream
