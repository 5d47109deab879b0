#pragma once

#include "async/event.hpp"
#include "session/upstreams.hpp"
#include "support/fake_exchange.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace gw::test {

// An upstream server that notes what it is sent and answers what it is told to.
class FakePeer final : public mcp::Peer {
public:
    std::vector<std::string> received;  // "method params", with a "*" if it may be repeated.
    std::function<Result<mcp::Answer>()> answer = [] { return completed(R"("done")"); };
    std::optional<mcp::Notification> says;        // Before it answers.
    std::optional<mcp::ServerRequest> asks;       // The same.
    std::string was_told;                         // What came of that.
    std::function<Task<>(mcp::Exchange&)> works;  // What else it does before it answers.
    bool is_stateless = false;                    // It may answer InputRequired.
    async::Event* answers = nullptr;              // It waits for this before it answers.
    bool was_withdrawn = false;                   // While it waited,
    std::string withdrawn_because;                // and why.
    mcp::Request last;                            // The views in it may be gone.
    std::string called;

    std::string_view name() const override { return called; }

    Task<Result<mcp::Answer>> call(mcp::Request&& request, mcp::Exchange& caller) override {
        received.push_back(
            std::string(request.method) + (request.is_repeatable ? "* " : " ") +
            request.params.str()
        );
        last = request;
        if (says) std::ignore = co_await caller.notify(*says);
        if (asks) was_told = bytes(co_await caller.ask(*asks));
        if (works) co_await works(caller);
        if (answers != nullptr) {
            Waiting waiting(*answers);
            caller.set_withdrawable(&waiting);
            std::ignore = co_await answers->wait();
            caller.set_withdrawable(nullptr);
            was_withdrawn = waiting.is_withdrawn;
            withdrawn_because = waiting.reason();
            if (was_withdrawn) co_return fail(Errc::cancelled, "the request was withdrawn");
        }
        co_return answer();
    }

    bool may_require_input() const override { return is_stateless; }

    void notify(std::string_view method, std::string_view params) override {
        received.push_back(std::string(method) + " " + std::string(params));
    }

private:
    struct Waiting final : mcp::Withdrawable {
        explicit Waiting(async::Event& event) : ends(event) {}

        void withdraw() override {
            is_withdrawn = true;
            ends.set();
        }

        async::Event& ends;
        bool is_withdrawn = false;
    };
};

// What has happened to a session's upstream sessions; it outlives them.
struct FakeUpstreamsState {
    std::map<auth::UpstreamNumber, FakePeer> peers;  // By upstream; made when first connected.
    // What the session's own upstream sessions list; of a null one the listing fails.
    std::map<auth::UpstreamNumber, catalog::ListingHandle> own;
    std::vector<std::uint64_t> sessions_with_tasks;
    bool is_closed = false;
};

class FakeUpstreams final : public session::Upstreams {
public:
    explicit FakeUpstreams(FakeUpstreamsState& state) : state_(state) {}

    Result<mcp::PeerHandle> connect(const auth::Permit& permit) override {
        auto& peer = state_.peers[permit.upstream()];
        peer.called = permit.upstream() == 0 ? "gh" : "time";
        return mcp::PeerHandle(mcp::PeerHandle(), &peer);
    }

    void each_open(const std::function<void(mcp::Peer&)>& visit) override {
        for (auto& [upstream, peer] : state_.peers)
            visit(peer);
    }

    Task<Result<catalog::ListingHandle>> own_listing(auth::UpstreamNumber upstream) override {
        const auto found = state_.own.find(upstream);
        if (found == state_.own.end()) co_return catalog::ListingHandle();
        if (!found->second) co_return fail(Errc::upstream_failed, "it does not list");
        co_return found->second;
    }

    bool has_own_listings() const override { return !state_.own.empty(); }

    bool tells_changes(auth::UpstreamNumber upstream) const override {
        return state_.own.contains(upstream);
    }

    std::vector<std::uint64_t> sessions_with_tasks(const mcp::Peer& /*peer*/) const override {
        return state_.sessions_with_tasks;
    }

    void reconfigure(const Numbers& /*numbers*/) override {}

    void close() override { state_.is_closed = true; }

private:
    FakeUpstreamsState& state_;
};

}  // namespace gw::test
