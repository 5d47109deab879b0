#include "async/budget.hpp"

namespace gw::async {

Task<Result<Budget::Hold>> Budget::take(std::size_t size) {
    if (size > limit()) co_return fail(Errc::payload_too_large, "over the limit of buffered bytes");
    help_waiting();
    if (auto hold = try_take(size)) co_return *std::move(hold);
    Turn turn(loop_, size);
    waiting_.push_back(turn);
    serve();  // Something may have been given back meanwhile; now others know that it is wanted.
    share_.ask_others();
    if (co_await turn.event.wait()) co_return Hold(*this, size);  // serve() has counted it.
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

void Budget::make_room(std::size_t size) {
    if (!relieve) return;
    const auto missed = static_cast<std::int64_t>(size) - share_.rest();
    if (missed > 0) relieve(static_cast<std::size_t>(missed));
}

void Budget::look_around() {
    share_.poked();
    serve();
    if (const auto missed = share_.missed_by_others(); missed > 0 && relieve) relieve(missed);
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
