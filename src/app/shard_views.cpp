#include "app/shard_views.hpp"

#include "async/event.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace gw::app {

namespace {

// A question of one shard to another one. Shared, because either may be done with it first.
struct Question {
    explicit Question(net::Shard& shard) : asker(shard), answered(shard) {}

    net::Shard& asker;
    async::Event answered;  // The asker's.
    std::optional<Result<catalog::ViewHandle>> answer;
};

Task<> answer(
    gateway::Catalogue& catalogue,
    std::move_only_function<Task<Result<catalog::ViewHandle>>(gateway::Catalogue&)> ask,
    std::shared_ptr<Question> question
) {
    auto answer = co_await ask(catalogue);
    auto& asker = question->asker;
    asker.submit([question, answer = std::move(answer)]() mutable {
        question->answer.emplace(std::move(answer));
        question->answered.set();
    });
}

// What may be seen of a view, kept here at least until the loop goes on: everything, because every
// principal may use what its virtual server shows (auth::authorize). The one place that says so.
const catalog::VisibleSetHandle& visible_of(const catalog::View&) {
    static constinit const catalog::VisibleSetHandle everything;
    return everything;
}

}  // namespace

ShardViews::ShardViews(
    net::Shard& shard, Home& home, const catalog::CursorSeal& seal, gateway::TopologyHandle topology
)
    : shard_(shard), home_(home), seal_(seal), topology_(std::move(topology)) {}

catalog::ViewHandle& ShardViews::place(gateway::Catalogue::Key key) {
    auto& of_server = views_[key.server];
    if (of_server.empty()) of_server.resize(mcp::list_class_count);
    return of_server[key.list_class];
}

std::optional<catalog::VisibleView> ShardViews::current(
    auth::ServerNumber server, const mcp::ClientCapabilities& capabilities
) {
    const auto& known = place({server, mcp::list_class_of(capabilities)});
    if (!known) return {};
    return catalog::VisibleView(*known, visible_of(*known).get());
}

Task<Result<catalog::HeldView>> ShardViews::get(
    auth::ServerNumber server, const mcp::ClientCapabilities& capabilities
) {
    if (const auto& known = place({server, mcp::list_class_of(capabilities)}))
        co_return seen(known);
    co_return co_await ask([server, capabilities](gateway::Catalogue& catalogue) {
        return catalogue.get(server, capabilities);
    });
}

Task<Result<catalog::HeldView>> ShardViews::settled(
    auth::ServerNumber server, const mcp::ClientCapabilities& capabilities, TimePoint since
) {
    const auto& known = place({server, mcp::list_class_of(capabilities)});
    if (known && known->gaps().is_settled) co_return seen(known);
    co_return co_await ask([server, capabilities, since](gateway::Catalogue& catalogue) {
        return catalogue.settled(server, capabilities, since);
    });
}

// Asks the catalogue on its own shard.
Task<Result<catalog::HeldView>> ShardViews::ask(Ask what) {
    auto question = std::make_shared<Question>(shard_);
    home_.shard.submit([this, what = std::move(what), question]() mutable {
        home_.gate.spawn(answer(home_.catalogue, std::move(what), std::move(question)));
    });
    if (!co_await question->answered.wait()) {
        co_return fail(Errc::cancelled, "the request was withdrawn");
    }
    GW_CO_TRY(auto view, std::move(*question->answer));
    co_return seen(std::move(view));
}

catalog::HeldView ShardViews::seen(catalog::ViewHandle view) {
    const auto& visible = visible_of(*view);
    return {std::move(view), visible};
}

const catalog::ViewRules& ShardViews::rules(auth::ServerNumber server) const {
    static const catalog::ViewRules none;
    const auto* const found = topology_->server(server);
    return found == nullptr ? none : found->rules;
}

void ShardViews::put(gateway::Catalogue::Key key, catalog::ViewHandle view) {
    if (topology_->server(key.server) != nullptr) place(key) = std::move(view);
}

void ShardViews::set_topology(gateway::TopologyHandle topology) {
    topology_ = std::move(topology);
    std::erase_if(views_, [this](const auto& each) {
        return topology_->server(each.first) == nullptr;
    });
}

}  // namespace gw::app
