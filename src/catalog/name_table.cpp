#include "catalog/name_table.hpp"

#include "base/text_hash.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <iterator>
#include <unordered_map>
#include <utility>

namespace gw::catalog {

namespace {

// In the mean, after all were made anew; and when they are made anew.
constexpr std::size_t bucket_size = 64;
constexpr std::size_t bucket_size_max = 512;

std::size_t count(const NameTable::Lists& lists) {
    std::size_t all = 0;
    for (const auto* list : lists)
        all += list->size();
    return all;
}

bool has(const NameTable::Lists& lists, const Member* member) {
    const std::less<> is_before;
    return std::ranges::any_of(lists, [&](const auto* list) {
        const auto* const begin = list->data();
        return !is_before(member, begin) && is_before(member, begin + list->size());
    });
}

}  // namespace

bool NameTable::is_before(const Claim& a, const Claim& b) {
    if (a.hash != b.hash) return a.hash < b.hash;
    return a.member->entry.name < b.member->entry.name;
}

// `claims` are in order.
std::shared_ptr<const NameTable::Bucket> NameTable::make_bucket(std::vector<Claim> claims) {
    if (claims.empty()) return nullptr;
    Bucket bucket;
    for (std::size_t i = 1; i < claims.size(); ++i) {
        if (is_before(claims[i - 1], claims[i])) continue;
        if (i == 1 || is_before(claims[i - 2], claims[i - 1])) {
            bucket.shared_begin.push_back(static_cast<std::uint32_t>(i - 1));
        }
    }
    bucket.claims = std::move(claims);
    return std::make_shared<const Bucket>(std::move(bucket));
}

NameTable NameTable::with(const Lists& gone, const Lists& come) const {
    const auto size = size_ - count(gone) + count(come);
    if (size > bucket_size_max * buckets_.size()) {
        return in_buckets(std::bit_ceil(size / bucket_size + 1), gone, come);
    }
    auto changed = *this;
    changed.size_ = size;
    std::unordered_map<std::size_t, std::vector<Claim>> more;  // For each bucket that changes.
    for (const auto* list : gone) {
        for (const auto& member : *list)
            more.try_emplace(number_of(member.name_hash));
    }
    for (const auto* list : come) {
        for (const auto& member : *list)
            more[number_of(member.name_hash)].push_back({member.name_hash, &member});
    }
    for (auto& [number, added] : more) {
        std::ranges::sort(added, is_before);
        auto& bucket = changed.buckets_[number];
        auto kept = bucket ? bucket->claims : std::vector<Claim>();
        std::erase_if(kept, [&](const Claim& claim) { return has(gone, claim.member); });
        std::vector<Claim> all;
        all.reserve(kept.size() + added.size());
        std::ranges::merge(kept, added, std::back_inserter(all), is_before);
        bucket = make_bucket(std::move(all));
    }
    return changed;
}

NameTable NameTable::in_buckets(std::size_t count, const Lists& gone, const Lists& come) const {
    NameTable made;
    made.buckets_.resize(count);
    std::vector<std::vector<Claim>> all(count);
    const auto add = [&](const Claim& claim) {
        all[made.number_of(claim.hash)].push_back(claim);
        ++made.size_;
    };
    for (const auto& bucket : buckets_) {
        for (const auto& claim : bucket ? bucket->claims : std::vector<Claim>()) {
            if (!has(gone, claim.member)) add(claim);
        }
    }
    for (const auto* list : come) {
        for (const auto& member : *list)
            add({member.name_hash, &member});
    }
    for (std::size_t i = 0; i < count; ++i) {
        std::ranges::sort(all[i], is_before);
        made.buckets_[i] = make_bucket(std::move(all[i]));
    }
    return made;
}

// The first of `claims` whose hash is not less than `hash`; their size if there is none. Without
// branches that depend on the hashes, which nobody can predict.
std::size_t NameTable::first_of(const std::vector<Claim>& claims, std::size_t hash) {
    const auto* at = claims.data();
    for (auto left = claims.size(); left > 0;) {
        const auto half = (left + 1) / 2;
        at += at[half - 1].hash < hash ? half : 0;
        left -= half;
    }
    return static_cast<std::size_t>(at - claims.data());
}

const Member* NameTable::find(std::string_view name) const {
    if (buckets_.empty()) return nullptr;
    const auto hash = TextHash()(name);
    const auto& bucket = buckets_[number_of(hash)];
    if (!bucket) return nullptr;
    const auto& claims = bucket->claims;
    const auto is_it = [&](std::size_t at) {
        return at < claims.size() && claims[at].hash == hash &&
               claims[at].member->entry.name == name;
    };
    auto at = first_of(claims, hash);
    // Names with one hash are in order, so a server that lists many such costs nobody time.
    const bool is_other = at < claims.size() && claims[at].hash == hash && !is_it(at);
    if (is_other) {
        const auto same = std::ranges::equal_range(claims, hash, {}, &Claim::hash);
        const auto name_of = [](const Claim& claim) -> std::string_view {
            return claim.member->entry.name;
        };
        at = static_cast<std::size_t>(
            std::ranges::lower_bound(same, name, {}, name_of) - claims.begin()
        );
    }
    return is_it(at) && !is_it(at + 1) ? claims[at].member : nullptr;
}

void NameTable::each_shared(const std::function<void(Members)>& take) const {
    std::vector<const Member*> members;
    for (const auto& bucket : buckets_) {
        if (!bucket) continue;
        for (const auto begin : bucket->shared_begin) {
            members.clear();
            for (auto i = std::size_t{begin}; i < bucket->claims.size(); ++i) {
                if (i > begin && is_before(bucket->claims[i - 1], bucket->claims[i])) break;
                members.push_back(bucket->claims[i].member);
            }
            take(members);
        }
    }
}

}  // namespace gw::catalog
