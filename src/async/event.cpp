#include "async/event.hpp"

#include <utility>

namespace gw::async {

bool Event::Waiting::await_ready() {
    is_set_ = std::exchange(event_.is_set_, false);
    return is_set_;
}

void Event::Waiting::wake(bool is_set) {
    if (event_.waiting_ != this) return;  // Woken already; the loop has it.
    event_.waiting_ = nullptr;
    is_set_ = is_set;
    event_.loop_.post(leave());
}

void Event::set() {
    if (waiting_ != nullptr) return waiting_->wake(true);
    is_set_ = true;
}

}  // namespace gw::async
