#pragma once

#include "async/event.hpp"
#include "async/gate.hpp"
#include "async/wheel.hpp"
#include "upstream/ground/sent_again.hpp"

#include <chrono>
#include <vector>

namespace gw::upstream {

// Finds out by a ping whether a server knows a session, for all calls of a link that were refused
// in a way that leaves it open. One ping serves all who wait. close() is awaited before it is
// destroyed.
class SessionProbe {
public:
    static constexpr std::chrono::seconds pause{1};     // At least, from one ping to the next.
    static constexpr std::chrono::seconds wait_max{5};  // For a ping, and for its answer.

    // Of the session: the server knows it, does not know it, or has not told.
    enum class State { lives, refused, undecided };

    struct Outcome {
        State state = State::undecided;
        RefusalWords words = {};  // Of a ping that was refused.
    };

    // The link whose session it is. A port.
    class Pinger {
    public:
        // Sends a ping in the session and waits for what is said to it.
        virtual Task<Outcome> ping() = 0;

    protected:
        ~Pinger() = default;
    };

    // All of these outlive it.
    SessionProbe(async::Loop& loop, async::Wheel& wheel, Pinger& pinger)
        : loop_(loop), wheel_(wheel), pinger_(pinger), gate_(loop) {}

    // Waits for the next ping that ends, wait_max at most. Undecided after that, when the wait was
    // ended from outside, and after close() began.
    Task<Outcome> ask();

    // Ends the ping; who waits gets undecided, and nobody can ask any more.
    Task<> close();

private:
    struct Waiting;

    Task<> run();
    void tell(const Outcome& outcome);

    async::Loop& loop_;
    async::Wheel& wheel_;
    Pinger& pinger_;
    async::Gate gate_;  // At most one task.
    std::vector<Waiting*> waiting_;
    TimePoint next_;  // Not before.
};

}  // namespace gw::upstream
