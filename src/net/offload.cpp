#include "net/offload.hpp"

namespace gw::net {

Offload::Offload(Limits limits) : limits_(limits) {}

Offload::~Offload() {
    close();
}

bool Offload::close() {
    std::deque<Work> dropped;
    std::vector<std::thread> threads;
    bool has_ended = true;
    {
        std::unique_lock lock(state_->mutex);
        state_->is_ending = true;
        dropped.swap(state_->queue);
        threads.swap(threads_);
        state_->has_work.notify_all();
        const auto is_over = [this] { return state_->running == 0; };
        has_ended = state_->has_ended.wait_for(lock, limits_.end_wait, is_over);
        state_->is_left = !has_ended;
    }
    for (auto& thread : threads)
        has_ended ? thread.join() : thread.detach();
    return has_ended;
}

bool Offload::submit(Work work) {
    {
        const std::lock_guard lock(state_->mutex);
        auto& queue = state_->queue;
        if (state_->is_ending || queue.size() >= limits_.queue_max) return false;
        queue.push_back(std::move(work));
        if (queue.size() > state_->free && threads_.size() < limits_.threads) {
            ++state_->running;
            threads_.emplace_back([state = state_] { serve(*state); });
        }
    }
    state_->has_work.notify_one();
    return true;
}

void Offload::serve(State& state) {
    std::unique_lock lock(state.mutex);
    for (;;) {
        ++state.free;
        state.has_work.wait(lock, [&state] { return state.is_ending || !state.queue.empty(); });
        --state.free;
        if (state.is_ending) break;
        auto work = std::move(state.queue.front());
        state.queue.pop_front();
        lock.unlock();
        work(state);
        work = nullptr;  // What it owns ends outside of the lock.
        lock.lock();
    }
    --state.running;
    state.has_ended.notify_all();
}

}  // namespace gw::net
