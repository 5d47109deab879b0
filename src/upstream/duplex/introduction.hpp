#pragma once

#include "async/event.hpp"
#include "async/gate.hpp"
#include "async/wheel.hpp"
#include "mcp/peer.hpp"
#include "upstream/duplex/duplex.hpp"
#include "upstream/ground/config.hpp"
#include "upstream/stateless/stateless_terms.hpp"

#include <optional>
#include <string_view>

namespace gw::upstream {

// Finds out which era a server on a stream of its own speaks, and opens it in that one. The first
// question decides at a server that speaks both: it keeps to the era of that. When it is refused,
// the other is asked.
//
// A server that is busy may answer long after it was asked, so silence proves nothing: when the
// first question is left unanswered for a while, the other is sent as well, and the first positive
// answer wins, whenever it comes. But server/discover is sent to a server that may be initializing
// only if it is known to be understood: some end at it. The server is sent either of the two at
// most once, but for a second discover in another version that it offers.
class Introduction {
public:
    struct Eras {
        std::optional<Era> configured;  // The only one that is spoken, if set.
        Era first = Era::stateless;     // The one that is tried first, if that is not set.
        bool knows_discover = false;    // It was seen to be answered.
    };

    // All references outlive it. `silence_max`: how long an answer to the first question is waited
    // for before the other is sent as well.
    Introduction(
        async::Loop& loop,
        async::Wheel& wheel,
        Duplex& duplex,
        StatelessTerms& terms,
        Eras eras,
        Time silence_max
    );

    // Opens the server; `params` are those of initialize. The result of initialize, or what a
    // stateless server says in its stead. Errc::upstream_failed when it refuses both eras or speaks
    // no known revision; Errc::cancelled when the deadline of the fiber, the only bound, has
    // passed. Called once. When it has returned nothing of it runs any more.
    Task<Result<Slice>> run(std::string_view params);

    // The era that the server has shown, also if it could not be opened; nothing when it has shown
    // none. Valid once run() has returned.
    std::optional<Era> found() const { return found_; }

    // The era that was asked for first, if it is not the one that was found and the server does not
    // seem to speak it: it has refused it, or has left server/discover unanswered.
    std::optional<Era> refused_first() const { return refused_first_; }

    // True when server/discover was sent.
    bool has_asked_discover() const { return discovers_ > 0; }

private:
    // A question of ours, and what came of it.
    struct Asked {
        bool is_sent = false;
        std::optional<Result<mcp::Answer>> answer;

        bool is_pending() const { return is_sent && !answer; }
    };

    Task<Result<Slice>> open(std::string_view params);
    std::optional<Slice> positive();
    void judge();
    bool ask(std::string_view params);
    bool may_have_sessions() const;
    bool is_impatient() const;
    bool wants_discover() const;
    bool may_ask_more() const;
    std::optional<Era> judge_first() const;
    void ask_discover();
    void ask_initialize(std::string_view params);
    Task<> discover();
    Task<> initialize(std::string_view params);
    Task<bool> wait();
    std::optional<mcp::Revision> offered() const;
    Error refusal() const;

    async::Wheel& wheel_;
    Duplex& duplex_;
    StatelessTerms& terms_;
    const Eras eras_;
    const Time silence_max_;
    Asked discovery_;
    Asked initialization_;
    int discovers_ = 0;
    TimePoint patience_ends_;  // With a first question that is not answered.
    std::optional<Era> asked_first_;
    std::optional<Era> refused_first_;
    std::optional<Era> found_;
    async::Event news_;
    async::Gate gate_;
};

}  // namespace gw::upstream
