#include "app/shard_views.hpp"

#include "async/event.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace gw::app {

namespace {

constexpr std::size_t class_count = 256;  // All that mcp::class_of() can give.

// A question of one shard to another one. Shared, because either may be done with it first.
struct Question {
    explicit Question(net::Shard& shard) : asker(shard), answered(shard) {}

    net::Shard& asker;
    async::Event answered;  // The asker's.
    std::optional<Result<catalog::ViewHandle>> answer;
};

Task<> ask(
    gateway::Catalogue& catalogue,
    std::uint16_t server,
    mcp::ClientCapabilities capabilities,
    std::shared_ptr<Question> question
) {
    auto answer = co_await catalogue.get(server, capabilities);
    auto& asker = question->asker;
    asker.submit([question, answer = std::move(answer)]() mutable {
        question->answer.emplace(std::move(answer));
        question->answered.set();
    });
}

}  // namespace

ShardViews::ShardViews(
    net::Shard& shard, Home& home, const catalog::CursorSeal& seal, gateway::TopologyHandle topology
)
    : shard_(shard), home_(home), seal_(seal), topology_(std::move(topology)) {}

catalog::ViewHandle& ShardViews::place(gateway::Catalogue::Key key) {
    if (views_.size() <= key.server) views_.resize(key.server + 1U);
    auto& of_server = views_[key.server];
    if (of_server.empty()) of_server.resize(class_count);
    return of_server[key.capability_class];
}

const catalog::View* ShardViews::current(
    std::uint16_t server, const mcp::ClientCapabilities& capabilities
) {
    return place({server, mcp::class_of(capabilities)}).get();
}

Task<Result<catalog::ViewHandle>> ShardViews::get(
    std::uint16_t server, const mcp::ClientCapabilities& capabilities
) {
    if (const auto& known = place({server, mcp::class_of(capabilities)})) co_return known;
    auto question = std::make_shared<Question>(shard_);
    home_.shard.submit([this, server, capabilities, question] {
        home_.gate.spawn(ask(home_.catalogue, server, capabilities, question));
    });
    if (!co_await question->answered.wait()) {
        co_return fail(Errc::cancelled, "the request was withdrawn");
    }
    co_return std::move(*question->answer);
}

const catalog::ViewRules& ShardViews::rules(std::uint16_t server) const {
    return topology_->servers.at(server).rules;
}

void ShardViews::put(gateway::Catalogue::Key key, catalog::ViewHandle view) {
    place(key) = std::move(view);
}

}  // namespace gw::app
