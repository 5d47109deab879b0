#pragma once

#include "requests.hpp"
#include "support/fake_listing.hpp"
#include "support/fake_upstreams.hpp"
#include "support/memory_stream.hpp"

#include <chrono>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gw::test {

// Connections of clients over memory, on a shard whose time stands still, in front of one upstream
// server, "gh", that has the tool "large".
class Serving : public Requests {
protected:
    FakeUpstreamsState upstreams;
    FakePeer& gh = upstreams.peers[0];
    std::vector<std::unique_ptr<FarSide>> clients;

    void SetUp() override {
        sessions.make_upstreams = [this](session::Session&) {
            return std::make_unique<FakeUpstreams>(upstreams);
        };
        views.set({{0, "gh", "gh", to_listing({.tools = {"large"}})}});
    }

    // Everything ends in the order in which the program ends.
    void TearDown() override {
        async::Gate gate(shard);
        gate.spawn(parks.close());
        pass(std::chrono::milliseconds(100));
        sessions.end_all();
        gate.spawn(server().close());
        settle();
        EXPECT_EQ(gate.running(), 0) << "something still runs";
        sessions.sweep();
    }

    // Lets everything happen that can without time.
    void settle() {
        shard.io().restart();
        shard.io().poll();
    }

    // Lets time pass, tick by tick.
    void pass(std::chrono::milliseconds time) {
        settle();
        for (auto left = time; left.count() > 0; left -= async::Wheel::tick) {
            clock.pass(std::min(left, async::Wheel::tick));
            shard.wheel().advance(clock.now());
            settle();
        }
    }

    // A client that takes `room` bytes and then no more.
    FarSide& connect(std::size_t room = std::numeric_limits<std::size_t>::max()) {
        auto& client = *clients.emplace_back(std::make_unique<FarSide>(shard));
        client.room = room;
        server().serve(std::make_unique<MemoryStream>(client), "peer");
        return client;
    }

    static constexpr std::string_view revision = "Mcp-Protocol-Version: 2025-06-18\r\n";

    // The same, in the name of a session.
    session::Session* session = nullptr;
    std::string session_header;

    static constexpr std::string_view initialize =
        R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18",)"
        R"("capabilities":{"elicitation":{}},"clientInfo":{"name":"a","version":"1"}}})";

    void open() {
        auto& client = connect();
        post(client, initialize);
        sessions.each([this](session::Session& each) { session = &each; });
        ASSERT_NE(session, nullptr) << client.taken;
        session->is_initialized = true;
        session_header = "Mcp-Session-Id: " + session->terms().id + "\r\n" + std::string(revision);
    }

    // Its GET stream, or the one that `more` names.
    FarSide& listen(
        std::string_view more = {}, std::size_t room = std::numeric_limits<std::size_t>::max()
    ) {
        auto& client = connect(room);
        client.say(
            "GET /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer good\r\n"
            "Accept: text/event-stream\r\n" +
            session_header + std::string(more) + "\r\n"
        );
        settle();
        return client;
    }

    // Sends a request to /mcp; `headers` are lines, each with its CRLF.
    void post(FarSide& client, std::string_view body, std::string_view headers = revision) {
        client.say(
            "POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer good\r\n"
            "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n" +
            std::string(headers) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
            std::string(body)
        );
        settle();
    }

    static constexpr std::string_view call =
        R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"gh-large"}})";
    static constexpr std::string_view ping = R"({"jsonrpc":"2.0","id":8,"method":"ping"})";

    // The server answers with a text of so many bytes.
    void let_answer(std::size_t size) {
        gh.answer = [size] { return completed("\"" + std::string(size, 'z') + "\""); };
    }

    static std::size_t count(std::string_view text, std::string_view part) {
        std::size_t found = 0;
        for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1))
            ++found;
        return found;
    }
};

}  // namespace gw::test
