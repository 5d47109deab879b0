#include "catalog/visible_set.hpp"

#include <algorithm>
#include <map>
#include <sodium.h>
#include <utility>

namespace gw::catalog {

namespace {

class Hasher {
public:
    Hasher() { crypto_generichash_init(&state_, nullptr, 0, VisibleSet::Digest().size()); }

    void add(std::uint64_t number) {
        crypto_generichash_update(
            &state_, reinterpret_cast<const unsigned char*>(&number), sizeof number
        );
    }

    void add(const std::vector<bool>& bits) {
        add(bits.size());
        for (std::size_t i = 0; i < bits.size(); i += 64) {
            std::uint64_t word = 0;
            for (auto j = i; j < std::min(i + 64, bits.size()); ++j)
                word |= std::uint64_t{bits[j]} << (j - i);
            add(word);
        }
    }

    VisibleSet::Digest digest() {
        VisibleSet::Digest made;
        crypto_generichash_final(&state_, made.data(), made.size());
        return made;
    }

private:
    crypto_generichash_state state_{};
};

}  // namespace

VisibleSet::VisibleSet(std::span<const PartHandle> parts, const Shows& shows) {
    std::map<std::uint64_t, const Bits*> in_order;
    for (const auto& part : parts) {
        Bits bits;
        bool is_any = false;
        for (const auto kind : kinds) {
            auto& of_kind = bits[static_cast<std::size_t>(kind)];
            for (const auto& member : part->of(kind)) {
                of_kind.push_back(shows(kind, member));
                is_any = is_any || of_kind.back();
            }
        }
        if (!is_any) continue;
        const auto [at, is_new] = seen_.try_emplace(part->serial(), std::move(bits));
        in_order.emplace(part->serial(), &at->second);
    }
    Hasher hasher;
    for (const auto& [serial, bits] : in_order) {
        hasher.add(serial);
        for (const auto& of_kind : *bits)
            hasher.add(of_kind);
    }
    digest_ = hasher.digest();
}

bool VisibleSet::has(Kind kind, const Member& member) const {
    const auto found = seen_.find(member.part->serial());
    if (found == seen_.end()) return false;
    const auto index = static_cast<std::size_t>(&member - member.part->of(kind).data());
    return found->second[static_cast<std::size_t>(kind)][index];
}

bool VisibleSet::has_any_of(const Part& part) const {
    return seen_.contains(part.serial());
}

}  // namespace gw::catalog
