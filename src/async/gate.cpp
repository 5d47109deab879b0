#include "async/gate.hpp"

#include "base/assert.hpp"

#include <exception>
#include <utility>

namespace gw::async {

struct Gate::Runner {
    struct promise_type : Entry {
        Fiber* fiber = &static_cast<Entry*>(this)->fiber;

        static void* operator new(std::size_t size) { return impl::allocate_frame(size); }

        static void operator delete(void* frame, std::size_t size) noexcept {
            impl::free_frame(frame, size);
        }

        Runner get_return_object() {
            return {std::coroutine_handle<promise_type>::from_promise(*this)};
        }

        std::suspend_always initial_suspend() noexcept { return {}; }

        std::suspend_never final_suspend() noexcept { return {}; }

        void return_void() {}

        void unhandled_exception() { std::terminate(); }
    };

    std::coroutine_handle<promise_type> frame;
};

namespace {

// Leaves the gate at the very end, when the task's frame is gone as well.
struct OwnEntry {
    void* entry = nullptr;

    bool await_ready() const noexcept { return false; }

    template <typename Promise>
    bool await_suspend(std::coroutine_handle<Promise> self) noexcept {
        entry = &self.promise();
        return false;
    }

    void* await_resume() const noexcept { return entry; }
};

}  // namespace

Gate::Runner Gate::run(Gate& gate, Task<> work) {
    auto* self = static_cast<Runner::promise_type*>(co_await OwnEntry{});
    {
        const auto held = std::move(work);
        co_await held;
    }
    gate.ended(*self);
}

Gate::~Gate() {
    GW_ASSERT(running_.empty());
}

void Gate::spawn(Task<> work) {
    if (is_closing_) return;
    const auto runner = run(*this, std::move(work));
    running_.push_back(runner.frame.promise());
    loop_.post(runner.frame);
}

void Gate::ended(Entry& entry) {
    running_.erase(running_.iterator_to(entry));
    if (is_closing_ && running_.empty()) empty_.set();
}

void Gate::cancel() {
    for (auto& entry : running_)
        entry.fiber.cancel();  // They end later, from the loop.
}

Task<> Gate::join() {
    is_closing_ = true;
    while (!running_.empty()) {
        if (!co_await empty_.wait()) break;
    }
    if (!running_.empty()) co_await close();
}

Task<> Gate::close() {
    is_closing_ = true;
    cancel();
    auto& fiber = co_await this_fiber();
    while (!running_.empty()) {
        const Shield shield(fiber);  // Anew each time: the cancellation may come while it waits.
        co_await empty_.wait();
    }
}

}  // namespace gw::async
