#include "gateway/upstream_lists.hpp"

#include <algorithm>
#include <utility>

namespace gw::gateway {

UpstreamLists::UpstreamLists(Around& around, auth::UpstreamNumber index, std::string name)
    : around_(around), index_(index), name_(std::move(name)) {}

// What it listed before it was seen to lead back here would be listed by itself again, and again.
UpstreamLists::Standing UpstreamLists::standing(ListClass list_class) const {
    if (leads_back()) return {.is_settled = true};
    const bool is_first = list_class == 0 || is_uniform_.value_or(false);
    const auto* const exact = is_first ? first() : keepers_.at(list_class).get();
    Standing found;
    found.is_settled = is_settled(list_class);
    const auto take = [&found](const ListKeeper* keeper) {
        if (found.listing || keeper == nullptr || !keeper->listing()) return;
        found.listing = keeper->listing();
        found.freshness = keeper->freshness();
        found.from = keeper;
    };
    take(exact);
    found.is_exact = found.listing != nullptr;
    if (!found.listing) found.listing = inherited_.at(list_class);
    take(first());
    take(last());
    if (!found.listing) found.listing = inherited_.front();
    return found;
}

bool UpstreamLists::was_tried() const {
    return first() != nullptr && first()->was_tried();
}

bool UpstreamLists::leads_back() const {
    return first() != nullptr && first()->route().leads_back;
}

const mcp::Instances& UpstreamLists::instances() const {
    static const mcp::Instances none;
    return first() == nullptr ? none : first()->route().instances;
}

bool UpstreamLists::has_sessions() const {
    if (first() == nullptr || !first()->listing()) return false;
    return !first()->listing()->profile.is_stateless || around_.source.spoken(index_).sessions;
}

bool UpstreamLists::is_settled(ListClass list_class) const {
    if (inherited_.at(list_class)) return true;
    if (!was_tried()) return inherited_.front() != nullptr;
    if (list_class == 0 || !first()->listing() || is_uniform_.value_or(false)) return true;
    const auto* const decides = is_uniform_ ? keepers_.at(list_class).get() : last();
    return decides != nullptr && decides->was_tried();
}

void UpstreamLists::want(ListClass list_class) {
    wanted_.set(list_class);
    start(0);
    start_wanted();
}

void UpstreamLists::set_wanted(bool is_wanted) {
    is_wanted_ = is_wanted;
    if (!is_wanted) look_again();
}

void UpstreamLists::look_again() {
    for (const auto& keeper : keepers_) {
        if (keeper) keeper->look_again();
    }
}

bool UpstreamLists::is_idle() const {
    return std::ranges::none_of(keepers_, [](const auto& keeper) { return keeper != nullptr; });
}

void UpstreamLists::inherit(const UpstreamLists& before) {
    for (std::size_t i = 0; i < inherited_.size(); ++i) {
        if (i > 0 && !before.wanted_.test(i)) continue;
        inherited_.at(i) = before.standing(static_cast<ListClass>(i)).listing;
    }
}

void UpstreamLists::start(ListClass list_class) {
    auto& keeper = keepers_.at(list_class);
    if (keeper) return;
    const auto role = list_class == 0 ? ListKeeper::Role::first : ListKeeper::Role::other;
    ListKeeper::Owner& owner = *this;
    keeper = std::make_unique<ListKeeper>(
        around_.loop, around_.wheel, around_.times, owner, list_class, role
    );
    around_.gate.spawn(keeper->run());
}

// One after the other: what is not known to answer is not connected to twice.
void UpstreamLists::start_wanted() {
    if (first() == nullptr || !first()->listing() || is_uniform_.value_or(false)) return;
    for (std::size_t i = 1; i < wanted_.size(); ++i) {
        if (!wanted_.test(i)) continue;
        start(is_uniform_ ? static_cast<ListClass>(i) : mcp::list_class_count - 1);
    }
}

std::unique_ptr<CatalogueLease> UpstreamLists::open(
    ListKeeper& keeper, CatalogueSource::Changed changed
) {
    return around_.source.open(index_, mcp::of_list_class(keeper.list_class()), std::move(changed));
}

void UpstreamLists::tried(ListKeeper& keeper, const ListKeeper::Attempt& attempt) {
    if (!attempt.error) {
        inherited_.at(keeper.list_class()) = nullptr;
        const bool is_first = keeper.list_class() == 0;
        // A server that lists the same to all is trusted to go on so.
        const bool is_open = !is_first || !is_uniform_.value_or(false);
        // The first copy may have ended before this one: the server was configured no more.
        const bool has_both =
            first() != nullptr && first()->listing() && last() != nullptr && last()->listing();
        if (is_open && has_both) {
            is_uniform_ = *first()->listing() == *last()->listing();
        }
        if (is_uniform_.value_or(false)) inherited_ = {};
        const bool is_news = attempt.is_different || attempt.announced != ListChanges{};
        if (is_first && is_news && !is_uniform_.value_or(false)) {
            for (const auto& other : keepers_) {
                if (other && other.get() != &keeper) other->look_again(attempt.announced);
            }
        }
        start_wanted();
    }
    around_.tried(*this, keeper, attempt);
}

void UpstreamLists::ended(ListKeeper& keeper) {
    if (around_.gate.is_closing()) return;  // Its owner awaits that, and frees all.
    const auto list_class = keeper.list_class();
    keepers_.at(list_class).reset();
    if (is_wanted_) return start(list_class);  // It was configured again meanwhile.
    if (is_idle()) around_.ended(*this);
}

// A client may have found out since it was listed that it is another now.
UpstreamStatus::Spoken UpstreamLists::spoken(bool is_listed_stateless) const {
    using enum UpstreamStatus::Spoken;
    const auto shown = around_.source.spoken(index_);
    if (shown.sessions && shown.stateless) return is_listed_stateless ? both : sessions;
    if (shown.sessions || shown.stateless) return shown.sessions ? sessions : stateless;
    return is_listed_stateless ? stateless : sessions;
}

UpstreamStatus UpstreamLists::status() const {
    using enum UpstreamStatus::State;
    UpstreamStatus status;
    status.index = index_;
    status.name = name_;
    if (first() == nullptr) return status;
    status.state = !was_tried() ? starting : first()->error() ? failing : ready;
    status.since = first()->since();
    if (first()->error()) status.last_error = first()->error()->text;
    status.next_try = first()->next_try();
    status.listed = first()->listed();
    if (const auto& listing = first()->listing(); listing && !leads_back()) {
        status.spoken = spoken(listing->profile.is_stateless);
        for (const auto kind : catalog::kinds)
            status.counts[static_cast<std::size_t>(kind)] = listing->of(kind).size();
    }
    return status;
}

std::string UpstreamLists::reason() const {
    if (first() == nullptr || !first()->error()) return "it has not answered yet";
    return first()->error()->text;
}

}  // namespace gw::gateway
