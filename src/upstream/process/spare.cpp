#include "upstream/process/spare.hpp"

#include "async/sleep.hpp"
#include "upstream/process/process_command.hpp"
#include "upstream/process/process_start.hpp"
#include "upstream/process/stderr_log.hpp"

#include <utility>

namespace gw::upstream {

SpareProcess::SpareProcess(LinkResources& around, const Config& config, ProcessLimits& processes)
    : around_(around),
      config_(config),
      processes_(processes),
      log_(config, around.log, around.shard.wheel()),
      gate_(around.shard),
      inside_(around.shard),
      news_(around.shard) {}

SpareProcess::~SpareProcess() = default;

void SpareProcess::end() {
    is_over_ = true;
    news_.set();
}

ProcessHolder SpareProcess::holder() {
    ProcessHolder holder{.owner = {}, .is_spare = true};
    holder.give_up = [this](Asked /*what*/) {
        end();
        return GivesWay::now;
    };
    holder.submit = [&shard = around_.shard](std::move_only_function<void()> work) {
        shard.submit(std::move(work));
    };
    return holder;
}

Task<> SpareProcess::run() {
    auto& shard = around_.shard;
    StartQueue::Place place(processes_.starts());
    if (co_await start(place)) {
        async::Gate looking(shard);
        looking.spawn(leave_when_started(shard, process_->id(), place));
        while (process_ && !is_over_ && co_await news_.wait()) {
        }
        is_over_ = true;
        co_await looking.close();
    }
    is_over_ = true;
    co_await inside_.close();
    if (process_) co_await process_->stop(around_.limits.process_kill_after);
    co_await gate_.close();
    slot_.reset();
}

// False when it cannot start now; the calls that need a process tell why. After a crash others
// start first.
Task<bool> SpareProcess::start(StartQueue::Place& place) {
    auto& shard = around_.shard;
    const auto command = find_command(config_, processes_.environment());
    if (!command) co_return false;
    while (!place.may_start()) {
        const auto next = shard.now() + std::chrono::milliseconds(20);
        if (is_over_ || !co_await async::sleep_until(shard, shard.wheel(), next)) co_return false;
    }
    auto slot = processes_.take(config_.name, shard.now(), holder());
    if (!slot || slot->start_at() > shard.now()) co_return false;
    slot_.emplace(*std::move(slot));
    auto process = Process::start(shard, *command);
    if (!process) co_return false;
    process_ = *std::move(process);
    gate_.spawn(watch());
    gate_.spawn(log_stderr(process_->errors(), log_));
    co_return true;
}

Task<> SpareProcess::watch() {
    co_await process_->watch();
    if (!process_->has_ended()) co_return;
    if (!is_over_) log_.write("a spare process ended: " + process_->outcome());
    end();
}

Task<std::optional<Spare>> SpareProcess::take() {
    if (!may_be_taken()) co_return std::nullopt;
    if (!slot_->change_holder({})) co_return std::nullopt;  // Another needs its place.
    is_being_taken_ = true;
    const async::Visitors::Visit visit(inside_);
    co_await gate_.close();
    if (process_->has_ended()) co_return std::nullopt;
    was_taken_ = true;
    Spare spare{*std::move(slot_), process_->detach()};
    slot_.reset();
    process_.reset();
    news_.set();
    co_return spare;
}

}  // namespace gw::upstream
