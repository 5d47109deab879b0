#pragma once

#include "async/event.hpp"
#include "async/gate.hpp"
#include "async/visitors.hpp"
#include "base/task.hpp"
#include "upstream/ground/bounded_log.hpp"
#include "upstream/ground/config.hpp"
#include "upstream/ground/link_resources.hpp"
#include "upstream/process/process.hpp"
#include "upstream/process/process_limits.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace gw::upstream {

// A process that was started ahead, on its way to who needs it, on whatever shard. It has been sent
// nothing, so it can be anybody's.
struct Spare {
    ProcessLimits::Slot slot;
    DetachedProcess process;
};

// Gives a process of a server that was started ahead; nothing when there is none. Empty: none is
// ever started ahead.
using TakeSpare = std::function<Task<std::optional<Spare>>()>;

// One process that is kept for who needs it next. It belongs to one shard. run() is called once,
// and has returned before it is destroyed.
class SpareProcess {
public:
    // All of these outlive it.
    SpareProcess(LinkResources& around, const Config& config, ProcessLimits& processes);
    ~SpareProcess();

    // Starts the process, and returns when it has been taken or has ended. Returns soon when there
    // may be no more processes, when it cannot be started, or when the server has crashed lately:
    // who needs one tells why. Cancelling it ends the process.
    Task<> run();

    // True when take() has given the process away.
    bool was_taken() const { return was_taken_; }

    // Begins to end it: run() returns soon.
    void end();

    // True when it has started, and nobody has it yet.
    bool may_be_taken() const { return process_ && !is_over_ && !is_being_taken_; }

    // Lets go of the process. Nothing when it may not be taken, when it has ended, or when another
    // needs its place.
    Task<std::optional<Spare>> take();

private:
    Task<bool> start(StartQueue::Place& place);
    Task<> watch();
    ProcessHolder holder();

    LinkResources& around_;
    const Config& config_;
    ProcessLimits& processes_;
    BoundedLog log_;
    async::Gate gate_;
    async::Visitors inside_;  // Who takes it.
    async::Event news_;
    std::optional<ProcessLimits::Slot> slot_;
    std::unique_ptr<Process> process_;
    bool is_over_ = false;
    bool is_being_taken_ = false;
    bool was_taken_ = false;
};

}  // namespace gw::upstream
