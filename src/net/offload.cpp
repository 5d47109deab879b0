#include "net/offload.hpp"

namespace gw::net {

Offload::Offload(Limits limits) : limits_(limits) {}

Offload::~Offload() {
    close();
}

void Offload::close() {
    std::deque<std::move_only_function<void()>> dropped;
    std::vector<std::thread> threads;
    {
        const std::lock_guard lock(mutex_);
        is_ending_ = true;
        dropped.swap(queue_);
        threads.swap(threads_);
    }
    has_work_.notify_all();
    for (auto& thread : threads)
        thread.join();
}

bool Offload::submit(std::move_only_function<void()> work) {
    {
        const std::lock_guard lock(mutex_);
        if (is_ending_ || queue_.size() >= limits_.queue_max) return false;
        queue_.push_back(std::move(work));
        if (queue_.size() > free_ && threads_.size() < limits_.threads) {
            threads_.emplace_back([this] { serve(); });
        }
    }
    has_work_.notify_one();
    return true;
}

void Offload::serve() {
    for (;;) {
        std::move_only_function<void()> work;
        {
            std::unique_lock lock(mutex_);
            ++free_;
            has_work_.wait(lock, [this] { return is_ending_ || !queue_.empty(); });
            --free_;
            if (is_ending_) return;
            work = std::move(queue_.front());
            queue_.pop_front();
        }
        work();
    }
}

}  // namespace gw::net
