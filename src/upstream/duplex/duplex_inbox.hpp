#pragma once

#include "base/buffer.hpp"
#include "mcp/scan.hpp"

#include <cstddef>
#include <list>
#include <utility>

namespace gw::upstream {

struct DuplexQuestion;

// A message of the server, a request or a notification, that waits until its receiver takes it.
struct DuplexMessage {
    Buffer text;
    mcp::Scan scan;
    DuplexQuestion* question = nullptr;  // Set if it is a request.
};

// The messages for one receiver, in the order in which they came.
class Inbox {
public:
    // It is full with so many messages or bytes. Each message holds Buffer::usual bytes or more.
    static constexpr std::size_t count_max = 64;
    static constexpr std::size_t bytes_max = std::size_t{1} << 20U;

    // Takes a message, also when it is full: the rest of what was read has to go somewhere.
    void push(DuplexMessage message) {
        bytes_ += message.text.size();
        messages_.push_back(std::move(message));
    }

    // The oldest message. There has to be one.
    DuplexMessage pop() {
        auto message = std::move(messages_.front());
        messages_.pop_front();
        bytes_ -= message.text.size();
        return message;
    }

    bool empty() const { return messages_.empty(); }

    // True when nothing more should be read until some is taken.
    bool is_full() const { return messages_.size() >= count_max || bytes_ >= bytes_max; }

private:
    std::list<DuplexMessage> messages_;
    std::size_t bytes_ = 0;
};

}  // namespace gw::upstream
