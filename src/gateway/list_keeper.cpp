#include "gateway/list_keeper.hpp"

#include "async/deadline.hpp"
#include "async/gate.hpp"
#include "async/sleep.hpp"

#include <algorithm>
#include <utility>

namespace gw::gateway {

namespace {

constexpr std::chrono::milliseconds retry_min{500};
constexpr std::chrono::milliseconds retry_max{30'000};

// Servers that let nobody keep their lists are not asked all the time for that.
constexpr std::chrono::milliseconds refresh_min{30'000};

// Before a list is fetched again that the server said had changed, and that had not: at first, and
// at most.
constexpr std::chrono::milliseconds same_pause_min{1000};
constexpr std::chrono::milliseconds same_pause_max{60'000};
// So many in a row without a pause, and told to clients: some servers tell more than they list.
constexpr unsigned same_max = 16;
// What a server says so soon after it was asked for a list it says because it was asked.
constexpr std::chrono::milliseconds provoked{1000};

// Until the lists are to be fetched again, if nothing is heard of them: `most`, or sooner by the
// word of their server.
std::chrono::milliseconds keepable(
    const catalog::Listing& listing, std::chrono::milliseconds most
) {
    for (const auto kind : catalog::kinds) {
        const auto& ttl = listing.hint_of(kind).ttl;
        if (ttl) most = std::min(most, std::max(*ttl, refresh_min));
    }
    return most;
}

}  // namespace

ListKeeper::ListKeeper(
    async::Loop& loop,
    async::Wheel& wheel,
    const ListTimes& times,
    Owner& owner,
    ListClass list_class,
    Role role
)
    : loop_(loop),
      wheel_(wheel),
      times_(times),
      owner_(owner),
      class_(list_class),
      role_(role),
      since_(wheel.now()),
      wake_(loop) {}

Task<> ListKeeper::run() {
    auto& fiber = co_await this_fiber();
    auto retry = retry_min;
    while (!fiber.is_cancelled && owner_.is_wanted()) {
        const auto began = wheel_.now();
        if (!lease_) {
            lease_ = owner_.open(*this, [this](std::string_view method) { changed(method); });
        }
        asked_at_ = wheel_.now();
        auto listing = co_await lease_->list();
        if (fiber.is_cancelled) break;
        // Of a server that does not answer what was known stays, as its copy does.
        if (listing || lease_->route().leads_back) route_ = lease_->route();
        retry = listing ? retry_min : std::min(retry * 2, retry_max);
        const bool is_good = listing.has_value();
        const auto took = wheel_.now() - began;
        next_try_ = is_good ? std::nullopt : std::optional(wheel_.now() + retry);
        take(
            std::move(listing),
            {.took = std::chrono::duration_cast<std::chrono::milliseconds>(took), .retry = retry}
        );
        if (is_good) {
            co_await rest();
        } else {
            co_await pause(retry);
        }
        co_await settle();
        wake_.clear();  // What changed until here is listed now.
        is_urgent_ = false;
    }
    co_await close_lease();
    owner_.ended(*this);
}

void ListKeeper::look_again(const ListChanges& announced) {
    if (announced == ListChanges{}) is_urgent_ = true;
    if (announced_ == ListChanges{}) announced_at_ = wheel_.now();
    for (std::size_t i = 0; i < announced.size(); ++i)
        announced_.at(i) = announced_.at(i) || announced.at(i);
    wake_.set();
}

void ListKeeper::changed(std::string_view method) {
    ListChanges announced{};
    for (const auto kind : catalog::kinds) {
        announced[static_cast<std::size_t>(kind)] = catalog::names_of(kind).list_changed == method;
    }
    const bool is_of_no_list = announced == ListChanges{} && !method.empty();
    if (!is_of_no_list) look_again(announced);
}

void ListKeeper::take(Result<catalog::ListingHandle> listing, Attempt attempt) {
    const bool was_good = was_tried_ && !error_;
    if (!was_tried_ || was_good != listing.has_value()) since_ = wheel_.now();
    was_tried_ = true;
    error_ = listing ? std::nullopt : std::optional(listing.error());
    attempt.error = error_;
    if (listing) {
        freshness_->update(**listing, wheel_.now());
        attempt.is_different = !listing_ || *listing_ != **listing;
        if (attempt.is_different) listing_ = *std::move(listing);
        note_announced(attempt);
        listed_ = wheel_.now();
    }
    owner_.tried(*this, attempt);
}

// A list may read the same here and be another in the session of a client, so that is told of, but
// not when a server says it again and again only because it is asked.
void ListKeeper::note_announced(Attempt& attempt) {
    attempt.announced = std::exchange(announced_, {});
    if (attempt.is_different) same_ = 0;
    if (attempt.is_different || attempt.announced == ListChanges{}) return;
    const auto after = announced_at_ - *listed_;
    const bool was_provoked = announced_at_ >= asked_at_ || after < provoked;
    if (!was_provoked && after > same_pause_max) same_ = 0;
    if (++same_ > same_max && was_provoked) attempt.announced = {};
}

// Changes that come soon after one another are one.
Task<> ListKeeper::settle() {
    co_await async::sleep_until(loop_, wheel_, wheel_.now() + times_.settle);
    if (same_ <= same_max || !listed_) co_return;
    auto& fiber = co_await this_fiber();
    const auto doubled = std::min(same_ - same_max - 1, 6U);
    const auto until = *listed_ + std::min(same_pause_min * (1U << doubled), same_pause_max);
    const auto may_wait = [&] { return !is_urgent_ && owner_.is_wanted() && !fiber.is_cancelled; };
    if (wheel_.now() >= until) co_return;
    const async::Deadline deadline(wheel_, until, fiber);
    while (may_wait() && !deadline.has_expired()) {
        wake_.clear();
        co_await wake_.wait();
    }
}

bool ListKeeper::hears_changes() const {
    return role_ == Role::first && listing_->profile.tells_changes;
}

// After a good attempt: until it has to list again.
Task<> ListKeeper::rest() {
    const bool hears = hears_changes();
    if (!hears) {
        if (co_await pause(times_.linger)) co_return;
        if ((co_await this_fiber()).is_cancelled || !owner_.is_wanted()) co_return;
    }
    const bool is_process = lease_->is_process();
    if (!hears) co_await close_lease();
    if (role_ == Role::other) {
        co_await wake_.wait();
        co_return;
    }
    const auto most = !hears && is_process ? times_.process_refresh : times_.refresh;
    co_await pause(keepable(*listing_, most));
}

// Waits at most `time`. True when it is to go on sooner.
Task<bool> ListKeeper::pause(std::chrono::milliseconds time) {
    const async::Deadline deadline(wheel_, wheel_.now() + time, co_await this_fiber());
    co_return co_await wake_.wait();
}

Task<> ListKeeper::close_lease() {
    if (!lease_) co_return;
    const async::Shield shield(co_await this_fiber());
    co_await lease_->close();
    lease_.reset();
}

}  // namespace gw::gateway
