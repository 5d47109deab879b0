#pragma once

#include <cstddef>
#include <expected>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

namespace gw::async {

// Limits of something that has an owner.
struct OwnedLimits {
    std::size_t max;            // Of all owners together.
    std::size_t per_owner_max;  // Of each.
};

// How many there are of something, in all and of each owner, exactly, over all shards. Any thread
// may use it. It has a mutex, so it is nothing for the way of a call.
class SharedCount {
    using Owners = std::unordered_map<std::string, std::size_t>;

public:
    explicit SharedCount(OwnedLimits limits) : limits_(limits) {}

    SharedCount(const SharedCount&) = delete;
    SharedCount& operator=(const SharedCount&) = delete;

    // One of those that are counted, for as long as this lives.
    class Place {
    public:
        Place() = default;

        Place(Place&& other) noexcept
            : count_(std::exchange(other.count_, nullptr)), owner_(other.owner_) {}

        Place& operator=(Place&& other) noexcept {
            std::swap(count_, other.count_);
            std::swap(owner_, other.owner_);
            return *this;
        }

        ~Place() { give_back(); }

        void give_back() {
            if (count_ != nullptr) std::exchange(count_, nullptr)->give_back(*owner_);
        }

    private:
        friend class SharedCount;

        Place(SharedCount& count, Owners::value_type& owner) : count_(&count), owner_(&owner) {}

        SharedCount* count_ = nullptr;
        Owners::value_type* owner_ = nullptr;
    };

    // Which limit is reached.
    enum class Full { in_all, of_owner };

    // A place among all and among those of `owner`, or which of the limits is reached. From any
    // thread.
    std::expected<Place, Full> take(const std::string& owner);

    // What there is stays, even when that is more than the new limits.
    void set_limits(OwnedLimits limits);

private:
    void give_back(Owners::value_type& owner);

    std::mutex mutex_;  // Guards all below.
    OwnedLimits limits_;
    std::size_t count_ = 0;
    Owners owners_;  // Those that have some.
};

}  // namespace gw::async
