#pragma once

#include "async/event.hpp"
#include "async/wheel.hpp"
#include "mcp/peer.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace gw::upstream {

// A call of a tool that its server runs as a task only (2025-11-25, basic/utilities/tasks), for a
// client that asked for no task. It begins the task, polls it, and cancels it when the call is
// withdrawn; what the task comes to is the answer. What the server asks meanwhile goes to the
// caller.
class TaskRunner final : mcp::Withdrawable {
public:
    // All of it outlives this. `peer` is one upstream session: no other knows the task.
    TaskRunner(mcp::Peer& peer, mcp::Exchange& caller, async::Loop& loop, async::Wheel& wheel);

    // Makes the call, and waits for the end of the task. Called once. Errc::timed_out when the task
    // has not ended within an hour (mcp::task_max); Errc::cancelled when the call was withdrawn;
    // both cancel the task. Errc::upstream_failed when the server has cancelled it or breaks the
    // protocol.
    Task<Result<mcp::Answer>> run(mcp::Request request);

private:
    struct Status;

    // The caller, for whom all that names the task is taken out.
    class Unaware final : public mcp::Exchange {
    public:
        explicit Unaware(mcp::Exchange& caller) : caller_(caller) {}

        Unaware(const Unaware&) = delete;
        Unaware& operator=(const Unaware&) = delete;

        ~Unaware() override { caller_.at_peers += at_peers; }

        Task<Result<void>> notify(mcp::Notification notification) override {
            return caller_.notify(notification);
        }

        Task<Result<mcp::Answer>> ask(mcp::ServerRequest request) override;

        void set_withdrawable(mcp::Withdrawable* call) override { caller_.set_withdrawable(call); }

    private:
        mcp::Exchange& caller_;
    };

    void withdraw() override;

    Task<Result<mcp::Answer>> follow(Status status);
    Task<Result<mcp::Answer>> ask_server(
        std::string_view method, const std::string& quoted_id, mcp::Exchange& who
    );
    Task<> pause(std::chrono::milliseconds time);
    Task<> cancel(const std::string& quoted_id);

    mcp::Peer& peer_;
    Unaware caller_;
    async::Wheel& wheel_;
    async::Event wake_;
    bool is_withdrawn_ = false;
    std::uint64_t session_ = 0;  // In which the task was begun.
};

}  // namespace gw::upstream
