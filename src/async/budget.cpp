#include "async/budget.hpp"

#include "async/sleep.hpp"

namespace gw::async {

namespace {

constexpr std::chrono::milliseconds others_answer_within{50};
constexpr std::chrono::milliseconds what_is_cut_ends_within{250};
constexpr unsigned presses_before_cut = 30;

}  // namespace

Task<Result<Budget::Hold>> Budget::take(std::size_t size) {
    if (size > limit()) co_return fail(Errc::payload_too_large, "over the limit of buffered bytes");
    help_waiting();
    if (auto hold = try_take(size)) co_return *std::move(hold);
    Turn turn(loop_, size);
    waiting_.push_back(turn);
    serve();  // Something may have been given back meanwhile; now others know that it is wanted.
    share_.ask_others(size);
    const bool is_served = co_await turn.event.wait();
    share_.stop_asking();
    if (is_served) co_return Hold(*this, size);  // serve() has counted it.
    // Its turn may have come after the wait was ended and before it went on here.
    if (!turn.is_linked()) co_return Hold(*this, size);
    turn.unlink();
    serve();
    co_return fail(Errc::cancelled, "the request was withdrawn");
}

std::optional<Budget::Hold> Budget::try_take(std::size_t size, std::size_t left_over) {
    if (!waiting_.empty()) return {};
    const auto wanted = static_cast<std::int64_t>(size + left_over);
    if (left_over > 0 && share_.rest() < wanted) make_room(size + left_over);
    if (left_over > 0 && share_.rest() < wanted) return {};
    if (share_.take(size)) return Hold(*this, size);
    make_room(size);
    if (!waiting_.empty() || !share_.take(size)) return {};
    return Hold(*this, size);
}

// It does not stand in the queue: whoever asks for much would stop those who ask for little.
Task<std::optional<Budget::Hold>> Budget::take_soon(
    Wheel& wheel, std::size_t size, std::size_t left_over
) {
    auto hold = try_take(size, left_over);
    if (!hold && share_.has_others()) {
        share_.press_others(size + left_over);
        const auto end = wheel.now() + others_answer_within;
        hold = co_await try_until(wheel, end, size, left_over);
        share_.stop_asking();
    }
    if (!hold && cut_for(size + left_over)) {
        const auto end = wheel.now() + what_is_cut_ends_within;
        hold = co_await try_until(wheel, end, size, left_over);
    }
    co_return hold;
}

Task<std::optional<Budget::Hold>> Budget::try_until(
    Wheel& wheel, TimePoint end, std::size_t size, std::size_t left_over
) {
    while (wheel.now() < end && co_await sleep_until(loop_, wheel, wheel.now() + Wheel::tick)) {
        if (auto hold = try_take(size, left_over)) co_return hold;
    }
    co_return std::nullopt;
}

bool Budget::cut_for(std::size_t size) {
    const auto waited_for = waiting_.empty() ? 0 : waiting_.front().size;
    const auto missed = static_cast<std::int64_t>(size + waited_for) - share_.rest();
    return cut && missed > 0 && cut(static_cast<std::size_t>(missed));
}

void Budget::press() {
    help_waiting();
    if (waiting_.empty()) return;
    const auto size = waiting_.front().size;
    if (++waiting_.front().pressed < presses_before_cut) return share_.ask_others(size);
    cut_for(0);
    share_.press_others(size);
}

void Budget::make_room(std::size_t size) {
    if (!relieve) return;
    const auto missed = static_cast<std::int64_t>(size) - share_.rest();
    if (missed > 0) relieve(static_cast<std::size_t>(missed));
}

void Budget::look_around() {
    share_.poked();
    serve();
    if (const auto missed = share_.missed_by_others(); missed > 0 && relieve) relieve(missed);
    if (const auto missed = share_.pressed_by_others(); missed > 0 && cut) cut(missed);
}

void Budget::serve() {
    for (;;) {
        // Said before it is looked whether there is enough, so that nothing is missed.
        share_.wait_for(waiting_.empty() ? 0 : waiting_.front().size);
        if (waiting_.empty() || !share_.take(waiting_.front().size)) return;
        auto& turn = waiting_.front();
        waiting_.pop_front();
        turn.event.set();
    }
}

}  // namespace gw::async
