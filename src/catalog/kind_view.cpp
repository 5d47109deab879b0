#include "catalog/kind_view.hpp"

#include "base/json.hpp"
#include "catalog/digest.hpp"
#include "catalog/names.hpp"

#include <algorithm>
#include <utility>

namespace gw::catalog {

namespace {

// A table is made from the one before unless this many parts are gone.
constexpr std::size_t gone_max = 8;

NameTable::Lists lists_of(Kind kind, std::span<const PartHandle> parts) {
    NameTable::Lists lists;
    for (const auto& part : parts) {
        if (!part->of(kind).empty()) lists.push_back(&part->of(kind));
    }
    return lists;
}

}  // namespace

// What is needed only while it is made.
struct KindView::Building {
    Kind kind;
    const Base& base;
    Problems& problems;
    std::unordered_map<auth::UpstreamNumber, std::size_t> places = {};  // Of sources.

    const Source& source(const Member& member) const {
        return base.sources[places.at(member.entry.upstream)];
    }

    // In the order of lists. Members of one source stand in one array.
    bool is_earlier(const Member* a, const Member* b) const {
        const auto place_a = places.at(a->entry.upstream);
        const auto place_b = places.at(b->entry.upstream);
        return place_a != place_b ? place_a < place_b : std::less<>()(a, b);
    }
};

KindView::KindView(
    Kind kind,
    const Base& base,
    const std::vector<std::string>& chosen,
    const KindView& before,
    Problems& problems
) {
    const bool is_new = base.gone.size() > gone_max;
    table_ = is_new ? NameTable().with({}, lists_of(kind, base.parts))
                    : before.table_.with(lists_of(kind, base.gone), lists_of(kind, base.come));
    Building building{kind, base, problems};
    bool is_placed = false;
    const auto place = [&] {
        if (std::exchange(is_placed, true)) return;
        for (std::size_t i = 0; i < base.sources.size(); ++i)
            building.places.emplace(base.sources[i].upstream, i);
    };
    table_.each_shared([&](auto members) {
        place();
        settle(building, members);
    });
    if (!chosen.empty()) {
        place();
        choose(building, chosen);
    } else {
        count(building);
    }
}

// Who has the name of all these `members`.
void KindView::settle(const Building& building, NameTable::Members members) {
    std::vector<const Member*> all(members.begin(), members.end());
    std::ranges::sort(all, [&](auto* a, auto* b) { return building.is_earlier(a, b); });
    const auto& first = *all.front();
    if (first.is_final) settled_.insert_or_assign(first.entry.name, &first);
    for (const auto* member : all) {
        if (!first.is_final) {
            rename(building, *member);
        } else if (member != &first) {
            drop(building, *member, first);
        }
    }
}

void KindView::rename(const Building& building, const Member& member) {
    const auto& source = building.source(member);
    auto entry = member.entry;
    entry.name = hashed_name(
        entry.name, {source.prefix, source.name, member.item->key}, building.base.naming.separator
    );
    const auto given = settled_.find(entry.name);
    const auto* const other = given != settled_.end() ? given->second : table_.find(entry.name);
    if (other != nullptr && building.is_earlier(other, &member)) {
        return drop(building, member, *other);
    }
    if (other != nullptr) drop(building, *other, member);
    settled_.insert_or_assign(entry.name, &member);
    renamed_.emplace(&member, std::move(entry));
}

void KindView::drop(const Building& building, const Member& member, const Member& has_it) {
    dropped_.insert(&member);
    const auto& source = building.source(member);
    auto line = source.name + " lists " + entry(has_it).name + " twice; the first counts";
    if (&building.source(has_it) != &source) {
        // One line for the pair, whatever it is that they have alike.
        line = source.name + " lists " + std::string(names_of(building.kind).member) + " that " +
               building.source(has_it).name + " has already; the first counts";
    }
    auto& problems = building.problems;
    if (std::ranges::find(problems, line) == problems.end()) problems.push_back(std::move(line));
}

void KindView::choose(const Building& building, const std::vector<std::string>& chosen) {
    for (const auto& name : chosen) {
        if (!chosen_.insert(name).second) continue;
        if (const auto* found = member(name)) listed_.push_back(found);
    }
    std::ranges::sort(listed_, [&](auto* a, auto* b) { return building.is_earlier(a, b); });
    for (const auto* each : listed_) {
        mix(digest_, each->digest);
        if (renamed_.contains(each)) mix(digest_, TextHash()(entry(*each).name));
    }
}

void KindView::count(const Building& building) {
    std::unordered_map<auth::UpstreamNumber, std::uint32_t> dropped;
    std::uint64_t differences = 0;
    for (const auto* member : dropped_) {
        ++dropped[member->entry.upstream];
        differences += member->digest;
    }
    for (const auto& [member, entry] : renamed_)
        differences += member->digest ^ TextHash()(entry.name);
    std::uint32_t all = 0;
    for (const auto& part : building.base.parts) {
        const auto& list = part->of(building.kind);
        lists_.push_back(&list);
        first_.push_back(all);
        if (list.empty()) continue;
        all += static_cast<std::uint32_t>(list.size());
        if (!dropped.empty()) {
            const auto less = dropped.find(list.front().entry.upstream);
            if (less != dropped.end()) all -= less->second;
        }
        mix(digest_, part->digest(building.kind));
    }
    first_.push_back(all);
    mix(digest_, differences);
}

const Member* KindView::member(std::string_view name) const {
    if (!settled_.empty()) {
        if (const auto found = settled_.find(name); found != settled_.end()) return found->second;
    }
    return table_.find(name);
}

const Member* KindView::find(std::string_view name) const {
    if (!chosen_.empty() && !chosen_.contains(name)) return nullptr;
    return member(name);
}

const Entry& KindView::entry(const Member& member) const {
    if (renamed_.empty()) return member.entry;
    const auto found = renamed_.find(&member);
    return found == renamed_.end() ? member.entry : found->second;
}

bool KindView::is_shown(const Member& member) const {
    if (!chosen_.empty() && !chosen_.contains(entry(member).name)) return false;
    return !dropped_.contains(&member);
}

std::uint32_t KindView::size() const {
    if (!chosen_.empty()) return static_cast<std::uint32_t>(listed_.size());
    return first_.empty() ? 0 : first_.back();
}

std::uint32_t KindView::begin_after(std::span<const Source> sources) const {
    if (chosen_.empty()) return first_[sources.size()];
    const auto is_of_them = [&](const Member* member) {
        return std::ranges::find(sources, member->entry.upstream, &Source::upstream) !=
               sources.end();
    };
    return static_cast<std::uint32_t>(std::ranges::count_if(listed_, is_of_them));
}

void KindView::each_from(std::uint32_t begin, const std::function<bool(const Member&)>& take)
    const {
    if (begin >= size()) return;
    if (!chosen_.empty()) {
        for (auto i = std::size_t{begin}; i < listed_.size() && take(*listed_[i]);)
            ++i;
        return;
    }
    const auto after = std::ranges::upper_bound(first_, begin);
    auto source = static_cast<std::size_t>(after - first_.begin()) - 1;
    auto skipped = begin - first_[source];
    for (; source < lists_.size(); ++source) {
        for (const auto& member : *lists_[source]) {
            if (dropped_.contains(&member)) continue;
            if (skipped > 0) {
                --skipped;
            } else if (!take(member)) {
                return;
            }
        }
    }
}

}  // namespace gw::catalog
