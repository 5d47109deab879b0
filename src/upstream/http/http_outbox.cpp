#include "upstream/http/http_outbox.hpp"

#include <algorithm>
#include <utility>

namespace gw::upstream {

void HttpOutbox::push(std::string message) {
    if (gate_.is_closing() || std::ranges::find(waiting_, message) != waiting_.end()) return;
    bytes_ += message.size();
    waiting_.push_back(std::move(message));
    while (waiting_.size() > 1 && (waiting_.size() > count_max || bytes_ > bytes_max)) {
        std::ignore = pop();
        if (dropped_++ == 0) tell_dropped_(1);
    }
    if (gate_.running() < at_a_time_) gate_.spawn(run());
}

std::string HttpOutbox::pop() {
    auto message = std::move(waiting_.front());
    waiting_.pop_front();
    bytes_ -= message.size();
    return message;
}

Task<> HttpOutbox::run() {
    const auto& fiber = co_await this_fiber();
    while (!waiting_.empty() && !fiber.is_cancelled)
        co_await send_(pop());
    if (waiting_.empty() && dropped_ > 1) tell_dropped_(dropped_);
    if (waiting_.empty()) dropped_ = 0;
}

Task<> HttpOutbox::finish() {
    co_await gate_.join();
}

Task<> HttpOutbox::close() {
    co_await gate_.close();
}

}  // namespace gw::upstream
