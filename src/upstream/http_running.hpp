#pragma once

#include "async/deadline.hpp"
#include "async/gate.hpp"
#include "base/clock.hpp"
#include "net/stream.hpp"
#include "upstream/http_link.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gw::upstream {

// A number as text, in place.
class NumberText {
public:
    explicit NumberText(std::uint64_t number)
        : size_(static_cast<std::size_t>(
              std::to_chars(text_.data(), text_.data() + text_.size(), number).ptr - text_.data()
          )) {}

    std::string_view view() const { return {text_.data(), size_}; }

private:
    std::array<char, 20> text_;
    std::size_t size_;
};

// One call, for as long as it runs.
struct HttpLink::Running final : mcp::Withdrawable, RunningHook {
    Running(HttpLink& owner, mcp::Exchange& who, std::uint64_t number)
        : link(owner), caller(who), id(number), questions(owner.around_.shard) {}

    // Only the wait for the server is ended: what goes to the caller at the moment goes out whole.
    void withdraw() override {
        is_withdrawn = true;
        if (stream != nullptr) stream->cancel();
    }

    bool has_questions() const { return questions.running() > 0; }

    HttpLink& link;
    mcp::Exchange& caller;
    NumberText id;
    async::Gate questions;  // What the server asks while it works.
    Fiber* fiber = nullptr;
    async::Deadline* deadline = nullptr;
    net::Stream* stream = nullptr;  // What the call waits on.
    bool is_withdrawn = false;
    bool may_repeat = false;            // The connection broke before a byte of an answer had come.
    std::optional<mcp::Answer> answer;  // Found on an event stream.
};

// An event stream that the server may break off and continue later.
struct HttpLink::Resumable {
    std::string last_id;
    std::chrono::milliseconds retry{1000};
    TimePoint ended_at;
};

}  // namespace gw::upstream
