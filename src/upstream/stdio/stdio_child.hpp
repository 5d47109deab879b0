#pragma once

#include "async/deadline.hpp"
#include "async/gate.hpp"
#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/task.hpp"
#include "mcp/peer.hpp"
#include "mcp/revision.hpp"
#include "upstream/duplex/duplex.hpp"
#include "upstream/duplex/introduction.hpp"
#include "upstream/ground/config.hpp"
#include "upstream/ground/era.hpp"
#include "upstream/ground/link.hpp"
#include "upstream/ground/link_resources.hpp"
#include "upstream/process/framing.hpp"
#include "upstream/process/process.hpp"
#include "upstream/process/process_limits.hpp"
#include "upstream/process/spare.hpp"
#include "upstream/stateless/stateless_terms.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::upstream {

// A child process that speaks MCP over its stdin and stdout, and the calls that run in it. One link
// uses it, or many when the server is stateless. What it writes to stderr goes to the log.
//
// It belongs to one shard. open() is called once and first; close() is awaited before it is
// destroyed, also after open() has failed. When the process ends all its calls fail, and nothing
// can be called any more.
class StdioChild final : Outlet {
public:
    // What it works with; all of it outlives it.
    struct Parts {
        LinkResources& around;
        const Config& config;
        ProcessLimits& processes;
        EraVerdict& verdict;
    };

    // A link that uses it, by its purpose; it is asked to let go when there has to be room.
    using User = LinkPurpose;

    // `outside` is used until share() or close() has returned. `changed` is called when a user has
    // let go of it, and when it is not usable any more.
    StdioChild(const Parts& parts, mcp::Exchange& outside, std::function<void()> changed);

    // Starts the process for `user`, after a pause if it crashed lately, or takes one that was
    // started ahead. Asks which era it speaks, first for the one that the user prefers, unless
    // configuration or verdict say that, and opens it with `params`, those of initialize: the
    // result of initialize, or what a stateless server says in its stead. `user` and `terms` are
    // used until detach() and Duplex::end_calls().
    //
    // Errc::too_many when there may be no more processes and none ends in time; Errc::timed_out
    // when it has not answered within start_timeout, or before it had to give way;
    // Errc::upstream_failed when it cannot be started, ends, or refuses; Errc::cancelled when the
    // wait was ended from outside.
    Task<Result<Slice>> open(
        const User& user,
        std::string_view params,
        StatelessTerms& terms,
        const TakeSpare& take_spare
    );

    // True when its process was started ahead.
    bool was_spare() const { return was_spare_; }

    // True while the process runs and can be called.
    bool is_usable() const { return is_usable_; }

    // True when the server was found to be stateless; valid once open() has returned.
    bool is_stateless() const { return is_stateless_; }

    // Makes the calls. They may run while it is usable.
    Duplex& duplex() { return duplex_; }

    // Many users may share it from now on; it has to be stateless. `outside` is not used any more
    // when this has returned.
    Task<> share();

    // True after share() was called.
    bool is_shared() const { return is_shared_; }

    // One more user shares it, until detach(). Sets the version of `terms` to the one that was
    // agreed on; returns what open() did. `user` outlives its use.
    Slice attach(const User& user, StatelessTerms& terms);

    // A user lets go of it: one of open() or attach(). It has no calls any more.
    void detach(const User& user);

    // True when somebody uses it.
    bool has_users() const { return !users_.empty(); }

    // True when it should be closed: nobody uses it and it was not used for `idle_max`, or it has
    // ended and all that it said was read.
    bool is_done(Time idle_max) const;

    // Ends its calls, then the process (see Process::stop()), and returns when nothing runs any
    // more. Called once.
    Task<> close();

private:
    Task<Result<ProcessLimits::Slot>> take_slot();
    ProcessHolder holder(std::string owner);
    GivesWay give_up(Asked what);
    bool all_let_go(bool are_of_gateway) const;
    Task<> note_silence(StartQueue::Place& place);
    Task<Result<Slice>> introduce(std::string_view params, StatelessTerms& terms);
    bool knows_discover() const;
    void note_era(const Introduction& introduction, bool is_open);

    Result<void> send(Buffer message, std::optional<CallId> call) override;
    void doubt() override;
    Task<> probe();
    Task<> write();
    Result<void> write_queue();
    using Holds = std::vector<async::Budget::Hold>;
    Task<> read();
    Task<Result<void>> read_lines(LineReader& lines, Holds& holds);
    Task<Result<void>> reserve(std::size_t size, Holds& holds);
    Task<> watch();
    void end(const Error& why);
    void note_end();

    LinkResources& around_;
    const Config& config_;
    ProcessLimits& processes_;
    EraVerdict& verdict_;
    std::function<void()> changed_;
    std::vector<const User*> users_;
    BoundedLog log_;
    Duplex duplex_;
    async::Gate gate_;
    std::optional<ProcessLimits::Slot> slot_;
    std::unique_ptr<Process> process_;
    async::Deadline* start_deadline_ = nullptr;  // While an answer is awaited.
    std::string profile_;                        // What open() was told.
    mcp::Revision version_ = mcp::newest;
    TimePoint last_used_;
    std::deque<Buffer> queue_;  // Lines to the server.
    std::size_t queued_bytes_ = 0;
    std::size_t written_ = 0;  // Bytes of the first one.
    async::Event unwritten_;   // Something is in the queue.
    TimePoint next_probe_;     // Not before.
    bool is_probing_ = false;  // At most one is under way.
    bool is_usable_ = false;
    bool is_stateless_ = false;
    bool is_shared_ = false;
    bool is_closing_ = false;
    bool has_crashed_ = false;
    bool was_spare_ = false;
    bool is_open_ = false;        // open() has succeeded.
    bool has_given_way_ = false;  // Before it had answered.
};

}  // namespace gw::upstream
