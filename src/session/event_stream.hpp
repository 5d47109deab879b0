#pragma once

#include "async/budget.hpp"
#include "async/event.hpp"
#include "base/bytes.hpp"
#include "base/clock.hpp"

#include <boost/intrusive/list.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::session {

// What one log keeps for a client that may come back. The newest event is kept whatever its size.
struct StreamLimits {
    std::size_t events_max = 1024;
    std::size_t bytes_max = std::size_t{8} << 20U;
    std::chrono::milliseconds age_max = std::chrono::minutes(5);
};

class EventStream;

// The streams that keep events.
using KeptStreams =
    boost::intrusive::list<EventStream, boost::intrusive::constant_time_size<false>>;

// What goes to the client on one SSE stream: the log of its events and the only outbound queue.
// A writer is a cursor on it, so a client that lost its connection goes on where it was. Bounded:
// the oldest events fall off.
class EventStream : public boost::intrusive::list_base_hook<
                        boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    // One JSON-RPC message, without line breaks. A large one is not copied: what it is made of
    // stands around it.
    struct Message {
        std::string before;
        Slice content;
        std::string_view after;      // Of static storage.
        std::shared_ptr<void> hold;  // The content's part of the budget, if it has one.

        std::size_t size() const { return before.size() + content.view().size() + after.size(); }

        std::string text() const {
            return std::string(before).append(content.view()).append(after);
        }
    };

    struct Logged {
        TimePoint at;
        Message message;
        async::Budget::Hold hold;
    };

    // All of them outlive the stream. `number` is unique in the session; `owner` is whom limits
    // count it under.
    EventStream(
        std::uint32_t number,
        const std::string& owner,
        const StreamLimits& limits,
        async::Loop& loop,
        async::Budget& budget,
        KeptStreams& kept
    );

    std::uint32_t number() const { return number_; }

    std::string_view owner() const { return owner_; }

    // Adds an event and wakes the writer. Sequence numbers count from 1.
    std::uint64_t append(Message message, TimePoint now);

    std::uint64_t append(Slice text, TimePoint now) {
        return append(Message{{}, std::move(text), {}, {}}, now);
    }

    // No more events come.
    void finish();

    bool is_finished() const { return is_finished_; }

    // The sequence number of the newest event, 0 when there was none.
    std::uint64_t last() const { return last_; }

    // The event `sequence`, or null when it has not come yet or has fallen off.
    const Logged* find(std::uint64_t sequence) const { return pin(sequence).get(); }

    // The same, for a connection that writes it from where it is: it stays where it is, and
    // counted, for as long as this is held, and may fall off the log nevertheless.
    std::shared_ptr<const Logged> pin(std::uint64_t sequence) const;

    // How many of the events after `sequence` have fallen off.
    std::uint64_t lost_after(std::uint64_t sequence) const;

    // Drops what is too old.
    void expire(TimePoint now);

    // The oldest event, if it is kept only for a client that may come back: its writer is past it;
    // or, where there is none, it was delivered, or it is unread. What goes first is less.
    struct Spare {
        bool is_unread = false;
        TimePoint at;

        auto operator<=>(const Spare&) const = default;
    };

    // Nothing when the log is empty or its writer still needs what is oldest.
    std::optional<Spare> oldest_spare() const;

    // Gives its bytes back. There has to be an event.
    void drop_oldest();

    // Set when there is something new for the writer.
    async::Event& changed() { return changed_; }

    // One writer at a time: whoever begins to write, what comes after `sequence`, takes a new turn,
    // and one whose turn is over stops.
    std::uint32_t take_turn(std::uint64_t sequence) {
        changed_.set();
        written_ = sequence;
        return ++turn_;
    }

    // Nobody writes any more, unless another turn has begun.
    void end_turn(std::uint32_t turn) {
        if (turn == turn_) written_.reset();
    }

    std::uint32_t turn() const { return turn_; }

    // Whether an event of so many bytes may be added now by who can wait: while somebody writes, at
    // most half of what is kept waits for it, and few events, so that nothing falls off which its
    // client has not got. Without a writer there always is room: what is old falls off.
    bool has_room(std::size_t size) const;

    // Of the data that is kept.
    std::size_t bytes() const { return bytes_; }

    // What was handed to a connection, whichever it was.
    std::uint64_t delivered = 0;

    // The writer has handed over all up to `sequence`.
    void deliver(std::uint64_t sequence);

    // Connections and calls that hold a reference.
    unsigned users = 0;

private:
    std::uint32_t number_;
    std::uint32_t turn_ = 0;
    std::optional<std::uint64_t> written_;  // How far the writer is, if there is one.
    const std::string& owner_;
    const StreamLimits& limits_;
    async::Budget& budget_;
    KeptStreams& kept_;
    async::Event changed_;
    std::vector<std::shared_ptr<const Logged>> events_;  // The first `gone_` places are empty.
    std::size_t gone_ = 0;
    std::size_t bytes_ = 0;
    std::uint64_t last_ = 0;
    bool is_finished_ = false;
};

// An event id names stream and place: "3-17". Valid in its session only.
struct EventId {
    std::uint32_t stream = 0;
    std::uint64_t sequence = 0;
};

// As it stands in the field `id` of an event.
std::string to_string(const EventId& id);

// Nothing for what to_string() would not write, but for leading zeros.
std::optional<EventId> parse_event_id(std::string_view text);

}  // namespace gw::session
