#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <set>
#include <utility>

namespace gw::upstream {

// Lets as many processes start at a time as there are processors for: more would only make each
// other slow. Who comes first starts first. Any thread may use it.
class StartQueue {
public:
    explicit StartQueue(std::size_t places) : places_(places) {}

    StartQueue(const StartQueue&) = delete;
    StartQueue& operator=(const StartQueue&) = delete;

    // A place in the queue, and then among those that start; given back with this.
    class Place {
    public:
        explicit Place(StartQueue& queue) : queue_(queue), number_(queue.join()) {}

        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;

        ~Place() { leave(); }

        // True once it may start. To be asked again after a while if not.
        bool may_start() { return queue_.may_start(number_); }

        // Lets the next one start.
        void leave() {
            if (number_ != 0) queue_.leave(std::exchange(number_, 0));
        }

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
