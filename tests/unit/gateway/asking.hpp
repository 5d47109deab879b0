#pragma once

#include "async/gate.hpp"
#include "calling.hpp"

#include <functional>
#include <optional>
#include <queue>

namespace gw::test {

// Ann calls a tool of the stateless server 0 ("gh"), with a client that can be asked, and answers
// while the call runs.
class Asking : public Calling {
protected:
    Asking() {
        capabilities = {.roots = true, .sampling = true, .elicitation_form = true};
        views.set({{0, "gh", "gh", to_listing({.tools = {"search"}, .resources = {"f:///x"}})}});
        auto& peer = upstreams.peers[0];
        peer.is_stateless = true;
        peer.answer = [this] {
            auto next = std::move(answers.front());
            answers.pop();
            return next;
        };
    }

    ~Asking() override {
        EXPECT_EQ(gate.running(), 0U);
        gate.cancel();
        around.loop.settle();
    }

    // What the server answers, one call after the other.
    void will_require(std::string members) {
        answers.push(mcp::InputRequired{
            Slice(R"({"resultType":"input_required",)" + std::move(members) + "}")
        });
    }

    void will_answer(std::string result) {
        mcp::Completed completed{Slice(std::move(result)), {}};
        completed.has_type = true;
        answers.push(std::move(completed));
    }

    // Begins the call, and lets it go on until it waits.
    void begin(std::string_view method, std::string_view params) {
        open();
        stream = &session->open_stream();
        ++stream->users;
        message = R"({"jsonrpc":"2.0","id":1,"method":)" + json::quoted(method);
        message.append(",\"params\":").append(params).append("}");
        scan = {};
        ASSERT_TRUE(mcp::scan(message, scan));
        gate.spawn(run(method));
        around.loop.settle();
    }

    // The client's answer to question `id`.
    void reply(std::string_view id, std::string result) {
        EXPECT_TRUE(session->answered(id, completed(std::move(result)))) << id;
        around.loop.settle();
    }

    void refuse(std::string_view id, std::string error) {
        EXPECT_TRUE(session->answered(id, mcp::Refused{Slice(std::move(error))})) << id;
        around.loop.settle();
    }

    void withdraw() {
        ASSERT_NE(client.running, nullptr);
        client.running->withdraw();
        around.loop.settle();
    }

    // What the client saw so far beside the answer.
    std::string seen() { return events(*stream); }

    std::queue<Result<mcp::Answer>> answers;
    std::string got = "nothing yet";

private:
    // The client's side of a POST.
    struct Client final : mcp::Exchange {
        explicit Client(Asking& test) : asking(test) {}

        Task<Result<void>> notify(mcp::Notification notification) override {
            asking.caller.heard.push_back(
                std::string(notification.method) + " " + std::string(notification.params)
            );
            co_return Result<void>();
        }

        Task<Result<mcp::Answer>> ask(mcp::ServerRequest request) override {
            return asking.session->ask_on(*asking.stream, request);
        }

        void set_withdrawable(mcp::Withdrawable* call) override { running = call; }

        Asking& asking;
        mcp::Withdrawable* running = nullptr;
    };

    Task<> run(std::string_view method) {
        gateway::Call call{
            .session = *session,
            .principal = ann,
            .views = views,
            .caller = client,
            .message = message,
            .scan = scan,
            .task_seal = task_seal,
            .request =
                {.method = method,
                 .params = scan[mcp::Part::params].of(message),
                 .progress_token = scan[mcp::Part::progress_token].of(message),
                 .meta = scan[mcp::Part::meta].of(message)}
        };
        auto answer = co_await gateway::dispatch(call);
        gateway::fit_answer(call, answer);
        got = bytes(answer);
        --stream->users;
    }

    auth::PrincipalHandle ann = principal("ann");
    std::string message;
    mcp::Scan scan;
    session::EventStream* stream = nullptr;
    Client client{*this};
    async::Gate gate{around.loop};
};

}  // namespace gw::test
