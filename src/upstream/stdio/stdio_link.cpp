#include "upstream/stdio/stdio_link.hpp"

#include "async/visitors.hpp"
#include "upstream/stateless/stateless_words.hpp"
#include "upstream/stateless/subscription.hpp"
#include "upstream/stdio/stdio_child.hpp"

#include <utility>

namespace gw::upstream {

namespace {

class StdioLink final : public Link, Subscription::Source {
public:
    StdioLink(StdioServer& server, mcp::Exchange& outside, LinkPurpose purpose)
        : server_(server),
          outside_(outside),
          purpose_(std::move(purpose)),
          terms_(purpose_),
          subscription_(server.around().shard, server.around().shard.wheel(), *this, outside),
          inside_(server.around().shard) {}

    Task<Result<Slice>> open(std::string_view params) override;

    Task<Result<mcp::Answer>> call(const mcp::Request& request, mcp::Exchange& caller) override {
        return is_stateless() ? call_stateless(request, caller)
                              : child_->duplex().call(request, caller);
    }

    void notify(std::string_view method, std::string_view params) override {
        // Nothing that a client says on its own has a meaning for a stateless server.
        if (is_usable() && !is_stateless()) child_->duplex().notify(method, params);
    }

    bool is_usable() const override {
        return child_ != nullptr && child_->is_usable() && !inside_.is_shut();
    }

    bool is_stateless() const override { return child_ != nullptr && child_->is_stateless(); }

    Task<> close() override;

private:
    Task<Result<mcp::Answer>> call_stateless(const mcp::Request& request, mcp::Exchange& caller);
    Task<Result<mcp::Answer>> listen(const mcp::Request& request, mcp::Exchange& hearer) override;

    StdioServer& server_;
    mcp::Exchange& outside_;
    const LinkPurpose purpose_;
    StatelessTerms terms_;  // For a stateless server; its calls are known by them.
    Subscription subscription_;
    async::Visitors inside_;  // Calls of a stateless server.
    StdioServer::Child child_;
};

Task<Result<Slice>> StdioLink::open(std::string_view params) {
    const StdioServer::Guest guest{purpose_, terms_, outside_};
    GW_CO_TRY(auto profile, co_await server_.open(child_, guest, params));
    if (is_stateless() && purpose_.hears_changes) {
        co_await subscription_.hear(changes_told(profile.view()));
    }
    co_return std::move(profile);
}

Task<Result<mcp::Answer>> StdioLink::call_stateless(
    const mcp::Request& request, mcp::Exchange& caller
) {
    if (inside_.is_shut()) co_return fail(Errc::cancelled, "the upstream session was closed");
    const async::Visitors::Visit visit(inside_);
    if (request.method == "logging/setLevel") co_return terms_.set_level(request);
    if (request.method == "resources/subscribe") {
        co_return co_await subscription_.subscribe(request, caller);
    }
    if (request.method == "resources/unsubscribe") co_return subscription_.unsubscribe(request);
    auto answer = co_await child_->duplex().call(request, caller, &terms_);
    // Errc::unknown_session is our own here: the process has ended.
    if (answer || answer.error().kind == Errc::unknown_session) co_return answer;
    co_return std::unexpected(presentable(std::move(answer).error()));
}

Task<Result<mcp::Answer>> StdioLink::listen(const mcp::Request& request, mcp::Exchange& hearer) {
    return child_->duplex().call(request, hearer, &terms_);
}

Task<> StdioLink::close() {
    inside_.shut();
    co_await subscription_.close();
    if (!child_) co_return;
    child_->duplex().end_calls(
        terms_, {Errc::cancelled, "the upstream session was closed", {}, {}}
    );
    co_await inside_.close();
    co_await server_.let_go(child_, purpose_);
}

}  // namespace

std::unique_ptr<Link> make_stdio_link(
    StdioServer& server, mcp::Exchange& outside, const LinkPurpose& purpose
) {
    return std::make_unique<StdioLink>(server, outside, purpose);
}

}  // namespace gw::upstream
