#pragma once

#include "async/gate.hpp"
#include "async/loop.hpp"
#include "base/task.hpp"

#include <coroutine>
#include <deque>
#include <optional>
#include <stdexcept>
#include <utility>

namespace gw::test {

// An event loop that stands still until a test lets it run. No time passes in it and nothing comes
// from outside, so what is not ready never will be.
class ManualLoop final : public async::Loop {
public:
    void post(std::coroutine_handle<> waiter) override { ready_.push_back(waiter); }

    // Runs until nothing is ready.
    void settle() {
        while (!ready_.empty()) {
            const auto next = ready_.front();
            ready_.pop_front();
            next.resume();
        }
    }

    // Runs `work` for as long as something is ready, and returns its value. When nothing is ready
    // and `work` has not finished, the test fails instead of waiting.
    template <typename T>
    T run(Task<T> work) {
        std::optional<T> value;
        run_to_end(keep(std::move(work), value));
        return *std::move(value);
    }

    void run(Task<> work) { run_to_end(std::move(work)); }

private:
    template <typename T>
    static Task<> keep(Task<T> work, std::optional<T>& value) {
        value.emplace(co_await work);
    }

    void run_to_end(Task<> work) {
        async::Gate gate(*this);
        gate.spawn(std::move(work));
        settle();
        if (gate.running() == 0) return;
        gate.cancel();  // So that its frames go before the test does.
        settle();
        throw std::logic_error("the task never finished");
    }

    std::deque<std::coroutine_handle<>> ready_;
};

// For work that needs no loop.
template <typename T>
T run(Task<T> work) {
    ManualLoop loop;
    return loop.run(std::move(work));
}

}  // namespace gw::test
