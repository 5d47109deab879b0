#include "net/offload.hpp"

namespace gw::net {

Offload::Offload(Limits limits) : queue_max_(limits.queue_max) {
    threads_.reserve(limits.threads);
    for (unsigned i = 0; i < limits.threads; ++i) {
        threads_.emplace_back([this] { serve(); });
    }
}

Offload::~Offload() {
    close();
}

void Offload::close() {
    std::deque<std::move_only_function<void()>> dropped;
    {
        const std::lock_guard lock(mutex_);
        is_ending_ = true;
        dropped.swap(queue_);
    }
    has_work_.notify_all();
    for (auto& thread : threads_)
        thread.join();
    threads_.clear();
}

bool Offload::submit(std::move_only_function<void()> work) {
    {
        const std::lock_guard lock(mutex_);
        if (is_ending_ || queue_.size() >= queue_max_) return false;
        queue_.push_back(std::move(work));
    }
    has_work_.notify_one();
    return true;
}

void Offload::serve() {
    for (;;) {
        std::move_only_function<void()> work;
        {
            std::unique_lock lock(mutex_);
            has_work_.wait(lock, [this] { return is_ending_ || !queue_.empty(); });
            if (is_ending_) return;
            work = std::move(queue_.front());
            queue_.pop_front();
        }
        work();
    }
}

}  // namespace gw::net
