#include "session/event_stream.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace gw::session {

namespace {

constexpr std::uint64_t behind_max = 64;  // Events that wait for a slow client.

}  // namespace

EventStream::EventStream(
    std::uint32_t number,
    const std::string& owner,
    const StreamLimits& limits,
    async::Loop& loop,
    async::Budget& budget,
    KeptStreams& kept
)
    : number_(number),
      owner_(owner),
      limits_(limits),
      budget_(budget),
      kept_(kept),
      changed_(loop) {}

std::uint64_t EventStream::append(Message message, TimePoint now) {
    const auto size = message.size();
    auto hold = message.hold ? async::Budget::Hold() : budget_.take_now(size);
    events_.push_back(std::make_shared<const Logged>(now, std::move(message), std::move(hold)));
    bytes_ += size;
    ++last_;
    if (!is_linked()) kept_.push_back(*this);
    // The newest stays whatever its size: it has to reach the client.
    while (events_.size() - gone_ > 1 &&
           (events_.size() - gone_ > limits_.events_max || bytes_ > limits_.bytes_max)) {
        drop_oldest();
    }
    changed_.set();
    return last_;
}

void EventStream::finish() {
    is_finished_ = true;
    changed_.set();
}

std::shared_ptr<const EventStream::Logged> EventStream::pin(std::uint64_t sequence) const {
    const auto kept = events_.size() - gone_;
    if (sequence > last_ || sequence + kept <= last_) return nullptr;
    return events_[events_.size() - 1 - (last_ - sequence)];
}

std::uint64_t EventStream::lost_after(std::uint64_t sequence) const {
    const auto oldest = last_ - (events_.size() - gone_) + 1;
    return sequence + 1 < oldest ? oldest - sequence - 1 : 0;
}

void EventStream::expire(TimePoint now) {
    while (gone_ < events_.size() && now - events_[gone_]->at > limits_.age_max)
        drop_oldest();
}

bool EventStream::has_room(std::size_t size) const {
    if (!written_) return true;
    const auto kept = events_.size() - gone_;
    const auto waiting = std::min<std::uint64_t>(last_ - *written_, kept);
    if (waiting == 0) return true;
    if (waiting >= std::min<std::uint64_t>(behind_max, limits_.events_max / 2)) return false;
    for (auto each = events_.size() - waiting; each < events_.size(); ++each)
        size += events_[each]->message.size();
    return size <= limits_.bytes_max / 2;
}

std::optional<EventStream::Spare> EventStream::oldest_spare() const {
    const auto kept = events_.size() - gone_;
    if (kept == 0) return {};
    const auto oldest = last_ - kept + 1;
    const bool is_delivered = oldest <= written_.value_or(delivered);
    if (!is_delivered && written_) return {};
    return Spare{.is_unread = !is_delivered, .at = events_[gone_]->at};
}

void EventStream::deliver(std::uint64_t sequence) {
    if (written_) written_ = sequence;
    delivered = std::max(delivered, sequence);
    budget_.help_waiting();
}

void EventStream::drop_oldest() {
    auto& oldest = events_[gone_];
    bytes_ -= oldest->message.size();
    oldest = nullptr;
    ++gone_;
    if (gone_ == events_.size()) unlink();
    if (gone_ * 2 < events_.size()) return;  // Moves each event once, on average.
    events_.erase(events_.begin(), events_.begin() + static_cast<std::ptrdiff_t>(gone_));
    gone_ = 0;
}

std::string to_string(const EventId& id) {
    return std::to_string(id.stream) + "-" + std::to_string(id.sequence);
}

std::optional<EventId> parse_event_id(std::string_view text) {
    EventId id;
    const char* const end = text.end();
    const auto stream = std::from_chars(text.begin(), end, id.stream);
    if (stream.ec != std::errc() || stream.ptr == end || *stream.ptr != '-') return {};
    const auto sequence = std::from_chars(stream.ptr + 1, end, id.sequence);
    if (sequence.ec != std::errc() || sequence.ptr != end) return {};
    return id;
}

}  // namespace gw::session
