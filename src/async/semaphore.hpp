#pragma once

#include "async/event.hpp"
#include "base/task.hpp"

#include <boost/intrusive/list.hpp>

#include <cstddef>
#include <utility>

namespace gw::async {

// Lets so many tasks of one shard do something at a time; the others wait, and come in the order in
// which they asked.
class Semaphore {
public:
    Semaphore(Loop& loop, std::size_t places) : loop_(loop), free_(places) {}

    Semaphore(const Semaphore&) = delete;
    Semaphore& operator=(const Semaphore&) = delete;

    ~Semaphore();

    // The place of one task; free again when this is destroyed.
    class Place {
    public:
        Place() = default;

        Place(Place&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}

        Place& operator=(Place&& other) noexcept {
            std::swap(of_, other.of_);
            return *this;
        }

        ~Place() {
            if (of_ != nullptr) of_->leave();
        }

        explicit operator bool() const { return of_ != nullptr; }

    private:
        friend class Semaphore;

        explicit Place(Semaphore& of) : of_(&of) {}

        Semaphore* of_ = nullptr;
    };

    // Waits for a place; a bound comes from the fiber's deadline. None when the wait was ended.
    Task<Place> take();

private:
    struct Turn : boost::intrusive::list_base_hook<
                      boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
        explicit Turn(Loop& loop) : event(loop) {}

        Event event;
    };

    void leave();

    Loop& loop_;
    std::size_t free_;  // 0 while somebody waits.
    boost::intrusive::list<Turn, boost::intrusive::constant_time_size<false>> waiting_;
};

}  // namespace gw::async
