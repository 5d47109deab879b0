#pragma once

#include "async/gate.hpp"
#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/task.hpp"
#include "mcp/peer.hpp"
#include "mcp/revision.hpp"
#include "upstream/duplex/duplex.hpp"
#include "upstream/duplex/introduction.hpp"
#include "upstream/ground/config.hpp"
#include "upstream/ground/environment.hpp"
#include "upstream/ground/era.hpp"
#include "upstream/ground/link.hpp"
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
// uses it; many do when the server is stateless. What it writes to stderr goes to the log.
//
// open() comes first, and close() is awaited before it is destroyed, after a failed open() too.
// When the process ends all its calls fail, and it is of no more use.
class StdioChild final : Outlet {
public:
    struct Parts {
        Environment& around;
        const Config& config;
        ProcessLimits& processes;
        EraVerdict& verdict;
    };

    // Who may be asked to let it go, and whom it serves.
    using User = LinkPurpose;

    // All of it outlives the child, but `outside` only until share(). `changed`: somebody has
    // let it go, or it is not usable any more.
    StdioChild(const Parts& parts, mcp::Exchange& outside, std::function<void()> changed);

    // Starts the process for `user`, after a pause if it crashed lately, and asks in the words of
    // `terms` what it is, in either era: the result of initialize, or what a stateless server says
    // in its stead. What is known by the verdict or the configuration is not asked. It takes a
    // process that was started ahead, if there is one.
    Task<Result<Slice>> open(
        const User& user,
        std::string_view params,
        StatelessTerms& terms,
        const TakeSpare& take_spare
    );

    // Its process was started ahead.
    bool was_spare() const { return was_spare_; }

    bool is_usable() const { return is_usable_; }

    bool is_stateless() const { return is_stateless_; }

    Duplex& duplex() { return duplex_; }

    // Many may use it from now on; it has to be stateless.
    Task<> share();

    bool is_shared() const { return is_shared_; }

    // One more uses it, and has what open() was told, with the revision that was agreed on.
    Slice attach(const User& user, StatelessTerms& terms);
    void detach(const User& user);

    bool has_users() const { return !users_.empty(); }

    // True when nothing is left to do with it but to close it: nobody uses it and it was not used
    // for `idle_max`, or it has ended and all that it said was read.
    bool is_done(Time idle_max) const;

    // Ends what runs in it, then the process.
    Task<> close();

private:
    Task<Result<ProcessLimits::Slot>> take_slot();
    ProcessHolder holder(std::string owner);
    bool give_up();
    Task<Result<Slice>> introduce(std::string_view params, StatelessTerms& terms);
    void note_era(const Introduction& introduction, bool is_open);

    Result<void> send(Buffer message, std::optional<CallId> call) override;
    Task<> write();
    Result<void> write_queue();
    using Holds = std::vector<async::Budget::Hold>;
    Task<> read();
    Task<Result<void>> read_lines(LineReader& lines, Holds& holds);
    Task<Result<void>> reserve(std::size_t size, Holds& holds);
    Task<> watch();
    void end(const Error& why);
    void note_end();

    Environment& around_;
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
    std::string profile_;  // What open() was told.
    mcp::Revision version_ = mcp::newest;
    TimePoint last_used_;
    std::deque<Buffer> queue_;  // Lines to the server.
    std::size_t queued_bytes_ = 0;
    std::size_t written_ = 0;  // Bytes of the first one.
    async::Event unwritten_;   // Something is in the queue.
    bool is_usable_ = false;
    bool is_stateless_ = false;
    bool is_shared_ = false;
    bool is_closing_ = false;
    bool has_crashed_ = false;
    bool was_spare_ = false;
    bool is_open_ = false;  // open() has succeeded.
};

}  // namespace gw::upstream
