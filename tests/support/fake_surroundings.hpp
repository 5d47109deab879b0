#pragma once

#include "session/session.hpp"
#include "support/principals.hpp"
#include "support/run.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace gw::test {

// A shard's loop, wheel and limits, for one test.
struct FakeSurroundings {
    ManualLoop loop;
    async::Wheel wheel{TimePoint()};
    async::Budget budget{loop, 1000};
    session::StreamLimits streams{
        .events_max = 4, .bytes_max = 500, .age_max = std::chrono::seconds(60)
    };
    session::Surroundings all{
        .loop = loop,
        .wheel = wheel,
        .budget = budget,
        .streams = streams,
        .ask_timeout = std::chrono::seconds(10)
    };

    // Lets time pass, and everything happen that becomes due.
    void pass(std::chrono::milliseconds time) {
        wheel.advance(wheel.now() + time);
        loop.settle();
    }
};

// Terms of a session of the newest revision.
inline session::Terms terms(
    std::string id, const std::string& who, mcp::ClientCapabilities capabilities = {}
) {
    return {
        .id = std::move(id),
        .owner = owner(who),
        .server = 1,
        .revision = mcp::newest,
        .capabilities = capabilities
    };
}

// The events of a stream that are kept, without what all messages have in common.
inline std::string events(const session::EventStream& stream) {
    constexpr std::string_view head = R"({"jsonrpc":"2.0",)";
    std::string text;
    for (auto at = stream.lost_after(0) + 1; const auto* event = stream.find(at); ++at) {
        const auto data = event->message.text();
        if (!data.starts_with(head)) return "not a message: " + data;
        text += (text.empty() ? "{" : " {") + data.substr(head.size());
    }
    return text;
}

}  // namespace gw::test
