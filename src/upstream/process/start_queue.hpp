#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <set>
#include <utility>

namespace gw::upstream {

// Lets as many processes start at a time as there are processors for: more would only slow each
// other down. Who comes first starts first. Any thread may use it.
class StartQueue {
public:
    // So many start at a time; 1 at least.
    explicit StartQueue(std::size_t places) : places_(places) {}

    StartQueue(const StartQueue&) = delete;
    StartQueue& operator=(const StartQueue&) = delete;

    // A place in the queue, and then among those that start; given back by leave(), or when this is
    // destroyed. One thread uses it.
    class Place {
    public:
        // Joins the end of the queue, which outlives this.
        explicit Place(StartQueue& queue) : queue_(queue), number_(queue.join()) {}

        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;

        ~Place() { leave(); }

        // True once it is among those that start. Nobody is told of that: if it is false, ask again
        // after a while.
        bool may_start() { return queue_.may_start(number_); }

        // Gives the place back, so that the next one may start. May be called twice.
        void leave() {
            if (number_ != 0) queue_.leave(std::exchange(number_, 0));
        }

        // True after leave().
        bool has_left() const { return number_ == 0; }

    private:
        StartQueue& queue_;
        std::uint64_t number_;
    };

private:
    std::uint64_t join();
    bool may_start(std::uint64_t number);
    void leave(std::uint64_t number);

    const std::size_t places_;

    // State below is protected by mutex_.
    std::mutex mutex_;
    std::uint64_t next_ = 1;
    std::set<std::uint64_t> waiting_;
    std::set<std::uint64_t> starting_;
};

}  // namespace gw::upstream
