#include "upstream/hub/spares.hpp"

#include "async/deadline.hpp"

#include <algorithm>
#include <utility>

namespace gw::upstream {

namespace {

constexpr std::chrono::milliseconds pause_min{1000};
constexpr std::chrono::milliseconds pause_max{300'000};
constexpr std::chrono::seconds ask_max{2};

// A question of another shard. Shared, because either may be done with it first.
struct Question {
    explicit Question(net::Shard& shard) : asker(shard), answered(shard) {}

    net::Shard& asker;
    async::Event answered;  // The asker's.
    std::optional<Spare> answer;
};

Task<> answer(Spares& spares, auth::UpstreamNumber upstream, std::shared_ptr<Question> question) {
    auto spare = co_await spares.take(upstream);
    auto& asker = question->asker;
    asker.submit([question = std::move(question), spare = std::move(spare)]() mutable {
        if (spare) question->answer.emplace(std::move(*spare));
        question->answered.set();
    });
}

}  // namespace

Spares::Spares(Hub& hub, ProcessLimits& processes, Wanted wanted)
    : hub_(hub), processes_(processes), wanted_(std::move(wanted)), gate_(hub.around().shard) {
    hub_.add_sweep(this, [this] { tend(); });
}

Spares::~Spares() = default;

Task<std::optional<Spare>> Spares::take(auth::UpstreamNumber upstream) {
    const auto found = kept_.find(upstream);
    if (found == kept_.end()) co_return std::nullopt;
    for (const auto& each : found->second.processes) {
        if (each->may_be_taken()) co_return co_await each->take();
    }
    co_return std::nullopt;
}

Task<std::optional<Spare>> Spares::take_to(net::Shard& shard, auth::UpstreamNumber upstream) {
    auto& home = hub_.around().shard;
    if (&shard == &home) co_return co_await take(upstream);
    const async::Deadline deadline(shard.wheel(), shard.now() + ask_max, co_await this_fiber());
    auto question = std::make_shared<Question>(shard);
    home.submit([this, upstream, question] { gate_.spawn(answer(*this, upstream, question)); });
    if (!co_await question->answered.wait()) co_return std::nullopt;
    co_return std::move(question->answer);
}

void Spares::tend() {
    const auto wanted = wanted_();
    const auto now = hub_.around().shard.now();
    for (const auto& [upstream, kept] : kept_) {
        if (std::ranges::find(wanted, upstream) != wanted.end()) continue;
        for (const auto& each : kept.processes)
            each->end();
    }
    std::erase_if(kept_, [&wanted](const auto& each) {
        const bool is_wanted = std::ranges::find(wanted, each.first) != wanted.end();
        return !is_wanted && each.second.processes.empty();
    });
    for (const auto upstream : wanted) {
        auto& kept = kept_[upstream];
        if (!kept.server) kept.server = hub_.reach(upstream);
        if (!kept.server) continue;
        const auto count = hub_.around().limits.process_spares;
        while (kept.processes.size() < count && now >= kept.next_start) {
            kept.processes.push_back(
                std::make_unique<SpareProcess>(hub_.around(), kept.server->config(), processes_)
            );
            gate_.spawn(keep(upstream, *kept.processes.back()));
        }
    }
}

Task<> Spares::keep(auth::UpstreamNumber upstream, SpareProcess& process) {
    co_await process.run();
    auto& kept = kept_.at(upstream);
    if (process.was_taken()) {
        kept.pause = {};
    } else {
        kept.pause = std::clamp(kept.pause * 2, pause_min, pause_max);
        kept.next_start = hub_.around().shard.now() + kept.pause;
    }
    std::erase_if(kept.processes, [&](const auto& each) { return each.get() == &process; });
}

Task<> Spares::close() {
    hub_.remove_sweep(this);
    co_await gate_.close();
}

}  // namespace gw::upstream
