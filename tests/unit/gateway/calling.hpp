#pragma once

#include "gateway/dispatch.hpp"
#include "gateway/fit_answer.hpp"
#include "gateway/task_id.hpp"
#include "mcp/scan.hpp"
#include "support/fake_listing.hpp"
#include "support/fake_surroundings.hpp"
#include "support/fake_upstreams.hpp"
#include "support/fake_views.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace gw::test {

// Ann's session in front of upstream servers 0 ("gh") and 1 ("time").
class Calling : public testing::Test {
protected:
    FakeSurroundings around;
    FakeUpstreamsState upstreams;
    FakeViews views;
    FakeExchange caller;
    mcp::Revision revision = mcp::newest_with_sessions;
    std::string who = "ann";
    std::string session_id = "0-0-x";  // Empty for requests without a session.
    mcp::ClientCapabilities capabilities;
    const gateway::Stateless* stateless = nullptr;
    std::unique_ptr<session::Session> session;
    gateway::TaskSeal task_seal{{1}};
    auth::ServerNumber server = 1;

    void show(const FakeListing& gh, const FakeListing& time) {
        views.set({{0, "gh", "gh", to_listing(gh)}, {1, "time", "time", to_listing(time)}});
    }

    void open() {
        if (session) return;
        auto agreed = terms(session_id, who, capabilities);
        agreed.revision = revision;
        agreed.server = server;
        session = std::make_unique<session::Session>(std::move(agreed), around.all);
        session->upstreams = std::make_unique<FakeUpstreams>(upstreams);
    }

    // What she gets for `params`, on one line.
    std::string answer(std::string_view method, std::string_view params) {
        open();
        auto message = R"({"jsonrpc":"2.0","id":1,"method":)" + json::quoted(method);
        if (!params.empty()) message.append(",\"params\":").append(params);
        message += "}";
        mcp::Scan scan;
        if (const auto scanned = mcp::scan(message, scan); !scanned) {
            return "not sent: " + to_string(scanned.error());
        }
        const auto asks = principal(who);
        gateway::Call call{
            .session = *session,
            .principal = asks,
            .views = views,
            .caller = caller,
            .message = message,
            .scan = scan,
            .task_seal = task_seal,
            .request = {.method = method, .params = scan[mcp::Part::params].of(message)},
            .stateless = stateless
        };
        auto got = around.loop.run(gateway::dispatch(call));
        gateway::fit_answer(call, got);
        return bytes(got) + (got || got.error().data.empty() ? "" : " " + got.error().data);
    }

    // What an upstream server was sent, one after the other.
    std::string sent(auth::UpstreamNumber upstream) {
        std::string text;
        for (const auto& each : upstreams.peers[upstream].received) {
            text += (text.empty() ? "" : "; ") + each;
        }
        return text;
    }

    bool nothing_was_sent() const { return upstreams.peers.empty(); }
};

}  // namespace gw::test
