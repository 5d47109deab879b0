#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>

namespace gw::async {

// What each owner holds of something that is short, over all shards, so that who has the most can
// be made to give some of it to one who has less. Any thread may use it. It has a mutex, so it is
// nothing for the way of a plain call.
class FairShares {
    struct Held {
        std::size_t size = 0;
        std::size_t can_give = 0;  // Of that, what could be given back at once.
        std::size_t parts = 0;
    };

    using Owners = std::unordered_map<std::string, Held>;

public:
    FairShares() = default;
    FairShares(const FairShares&) = delete;
    FairShares& operator=(const FairShares&) = delete;

    // One thing that an owner has, for as long as this lives. It can be given back until keep().
    class Part {
    public:
        Part(FairShares& all, const std::string& owner);
        ~Part();

        Part(const Part&) = delete;
        Part& operator=(const Part&) = delete;

        void grow(std::size_t size);
        void keep();

        // True when its owner has to give and this can be given: whoever asked gives it back now.
        bool is_claimed();

    private:
        friend class FairShares;

        FairShares& all_;
        Owners::value_type& owner_;
        std::size_t size_ = 0;
        bool can_give_ = true;
    };

    // The wish of one who found no room for `size` and needs that so much is given. Of the owners
    // that can give, the one who has the most owes it, as long as that has more than this one
    // would have; nobody owes it otherwise.
    class Claim {
    public:
        Claim(const Part& by, std::size_t size, std::size_t missing);
        ~Claim();

        Claim(const Claim&) = delete;
        Claim& operator=(const Claim&) = delete;

        explicit operator bool() const { return all_ != nullptr; }

    private:
        FairShares* all_ = nullptr;
    };

    // Whether it is worth asking is_claimed().
    bool has_claims() const { return claims_ > 0; }

private:
    std::atomic<std::size_t> claims_ = 0;
    std::mutex mutex_;  // Guards all below.
    Owners owners_;     // Those that have a part.
    std::string debtor_;
    std::size_t due_ = 0;  // What it still has to give.
};

}  // namespace gw::async
