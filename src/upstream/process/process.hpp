#pragma once

#include "async/event.hpp"
#include "base/error.hpp"
#include "base/task.hpp"
#include "net/shard.hpp"
#include "upstream/ground/config.hpp"
#include "upstream/process/process_command.hpp"
#include "upstream/process/process_descriptor.hpp"

#include <memory>
#include <string>
#include <sys/types.h>

namespace gw::upstream {

// A child process that no shard looks after: on its way from one to another. Whoever has it last
// without adopting it ends the process.
class DetachedProcess {
public:
    DetachedProcess(pid_t id, int exit, int input, int output, int errors)
        : id_(id), exit_(exit), input_(input), output_(output), errors_(errors) {}

    DetachedProcess(DetachedProcess&& other) noexcept;
    DetachedProcess& operator=(DetachedProcess&&) = delete;
    ~DetachedProcess();

private:
    friend class Process;

    pid_t id_;  // 0: it was adopted.
    int exit_;
    int input_;
    int output_;
    int errors_;
};

// A child process with pipes on its stdin, stdout and stderr, and nothing else of ours: no other
// descriptor, no ignored signal. It leads a process group of its own, and gets SIGTERM when the
// gateway dies, or the thread of its shard ends. watch() must run from the start on, and stop() be
// awaited at the end.
class Process {
public:
    // Starts `command`. A failure of exec itself shows as a line on its stderr and an early end.
    static Result<std::unique_ptr<Process>> start(net::Shard& shard, const Command& command);

    // Takes over what another shard has begun.
    static std::unique_ptr<Process> adopt(net::Shard& shard, DetachedProcess process);

    // Lets go of it, while nobody waits for any of its descriptors; then only to be destroyed.
    DetachedProcess detach();

    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    ~Process();

    pid_t id() const { return id_; }

    Descriptor& input() { return input_; }  // Its stdin; we write.

    Descriptor& output() { return output_; }

    Descriptor& errors() { return errors_; }

    // Waits until the process has ended, kills what is left of its group, and reaps it.
    Task<> watch();

    bool has_ended() const { return has_ended_; }

    // "exit code 1", "signal 9"; once it has ended.
    std::string outcome() const;

    // MCP, basic/lifecycle, Shutdown, stdio: closes its stdin, waits, sends SIGTERM, waits, sends
    // SIGKILL; signals go to the whole group. Takes three times `kill_after` at most: a process
    // that the kernel does not let go is left behind. No cancellation shortens it.
    Task<> stop(Time kill_after);

private:
    Process(net::Shard& shard, pid_t id, int pidfd, int input, int output, int errors);

    void signal(int number) const;
    Task<bool> ends_within(Time time);
    bool reap();

    net::Shard& shard_;
    pid_t id_;
    Descriptor exit_;  // Readable once the process has ended.
    Descriptor input_;
    Descriptor output_;
    Descriptor errors_;
    async::Event ended_;
    bool has_ended_ = false;
    int status_ = 0;  // As waitpid() gives it.
};

}  // namespace gw::upstream
