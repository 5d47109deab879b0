#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <utility>

namespace gw {

// The one thing that a chain of tasks waits for at the moment: a socket, an event, a time.
class Wait {
public:
    // Ends the wait early. The waiter goes on from the event loop, never inside this call, and
    // learns from the wait's own result that it was cancelled.
    virtual void cancel() = 0;

protected:
    ~Wait() = default;
};

// A chain of tasks that await one another: what another language calls a green thread. It waits
// for at most one thing, so that whoever wants it to end has to know nothing else.
struct Fiber {
    Wait* wait = nullptr;       // What it waits for; null while it runs.
    bool is_cancelled = false;  // Every wait fails at once from now on.

    void cancel() {
        is_cancelled = true;
        if (wait != nullptr) wait->cancel();
    }
};

namespace impl {

// Frames come and go with every call, in a few sizes, so each thread keeps freed ones.
void* allocate_frame(std::size_t size);
void free_frame(void* frame, std::size_t size) noexcept;

// What the promises of all tasks have: who waits for the task, and in whose fiber it runs.
struct PromiseBase {
    std::coroutine_handle<> continuation;
    Fiber* fiber = nullptr;
    std::exception_ptr failure;

    static void* operator new(std::size_t size) { return allocate_frame(size); }

    static void operator delete(void* frame, std::size_t size) noexcept { free_frame(frame, size); }

    std::suspend_always initial_suspend() noexcept { return {}; }

    // Goes straight on in whoever awaited the task; the stack does not grow.
    struct Return {
        bool await_ready() noexcept { return false; }

        template <typename Promise>
        std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) noexcept {
            return self.promise().continuation;
        }

        void await_resume() noexcept {}
    };

    Return final_suspend() noexcept { return {}; }

    void unhandled_exception() { failure = std::current_exception(); }
};

// With the value that it returns.
template <typename T>
struct Promise : PromiseBase {
    std::optional<T> value;

    template <typename U>
    void return_value(U&& result) {
        value.emplace(std::forward<U>(result));
    }

    T take() {
        if (failure) std::rethrow_exception(failure);
        return std::move(*value);
    }
};

// Without one.
template <>
struct Promise<void> : PromiseBase {
    void return_void() {}

    void take() {
        if (failure) std::rethrow_exception(failure);
    }
};

}  // namespace impl

// Every asynchronous function returns Task<T>. It starts when awaited, runs on the shard of its
// caller, and is destroyed with the caller's frame, by when it has ended. A function that only
// passes a task on returns it and is no coroutine.
//
// Ours, because boost::asio::awaitable costs 300 to 500 instructions a level and a kilobyte a
// chain (docs/decisions/0001-own-task.md).
template <typename T = void>
class [[nodiscard]] Task {
public:
    struct promise_type : impl::Promise<T> {
        Task get_return_object() {
            return Task(std::coroutine_handle<promise_type>::from_promise(*this));
        }
    };

    Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}

    Task& operator=(Task&& other) noexcept {
        std::swap(frame_, other.frame_);
        return *this;
    }

    ~Task() {
        if (frame_) frame_.destroy();
    }

    struct Awaiter {
        std::coroutine_handle<promise_type> frame;

        bool await_ready() const noexcept { return false; }

        template <typename Caller>
        std::coroutine_handle<> await_suspend(std::coroutine_handle<Caller> caller) noexcept {
            frame.promise().continuation = caller;
            frame.promise().fiber = caller.promise().fiber;
            return frame;
        }

        T await_resume() { return frame.promise().take(); }
    };

    Awaiter operator co_await() const noexcept { return Awaiter{frame_}; }

private:
    explicit Task(std::coroutine_handle<promise_type> frame) : frame_(frame) {}

    std::coroutine_handle<promise_type> frame_;
};

// co_await this_fiber() gives the Fiber that the awaiting task belongs to.
struct this_fiber {
    Fiber* fiber = nullptr;

    bool await_ready() const noexcept { return false; }

    template <typename Caller>
    bool await_suspend(std::coroutine_handle<Caller> caller) noexcept {
        fiber = caller.promise().fiber;
        return false;
    }

    Fiber& await_resume() const noexcept { return *fiber; }
};

// Base of everything that suspends a fiber. A class derived from it has `void start()`, which
// begins the wait and must not resume inside; and `refuse()`, called instead when the fiber is
// cancelled already. It calls resume() from the event loop when the wait is over.
template <typename Derived>
class Suspension : public Wait {
public:
    template <typename Caller>
    bool await_suspend(std::coroutine_handle<Caller> caller) {
        fiber_ = caller.promise().fiber;
        waiter_ = caller;
        auto& self = static_cast<Derived&>(*this);
        if (fiber_->is_cancelled) {
            self.refuse();
            return false;
        }
        fiber_->wait = this;
        self.start();
        return true;
    }

protected:
    ~Suspension() = default;

    void resume() { leave().resume(); }

    // Ends the wait without resuming: whoever takes the handle does that, soon.
    std::coroutine_handle<> leave() {
        fiber_->wait = nullptr;
        return waiter_;
    }

private:
    Fiber* fiber_ = nullptr;
    std::coroutine_handle<> waiter_;
};

}  // namespace gw
