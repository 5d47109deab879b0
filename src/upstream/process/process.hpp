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

// A child process that no shard looks after: on its way from one to another. If it is destroyed
// without having been adopted, it kills and reaps the process.
class DetachedProcess {
public:
    // Owns the child `id` and four descriptors: its pidfd `exit`, and our ends of its stdin, stdout
    // and stderr.
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

// A child process with pipes on its stdin, stdout and stderr. It inherits nothing else: no other
// descriptor, no ignored signal. It leads a process group of its own, and gets SIGTERM when the
// gateway dies or the thread that started it ends.
//
// It belongs to one shard. A task runs watch() from the start on. Either stop() is awaited and then
// the end of watch(), or detach() is called, before it is destroyed.
class Process {
public:
    // Starts `command`. `shard`, the current one, outlives it. Errc::upstream_failed when the
    // system has no pipe, process or descriptor to give. That the program cannot be executed shows
    // later: a line on its stderr, and exit code 127.
    static Result<std::unique_ptr<Process>> start(net::Shard& shard, const ProcessCommand& command);

    // Takes over on `shard`, the current one, what another has let go of.
    static std::unique_ptr<Process> adopt(net::Shard& shard, DetachedProcess process);

    // Lets go of the process, so that another shard can adopt it. watch() has returned and nobody
    // waits for a descriptor; afterwards this can only be destroyed.
    DetachedProcess detach();

    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    ~Process();

    // The number of the process, and of its group.
    pid_t id() const { return id_; }

    Descriptor& input() { return input_; }  // Its stdin; we write.

    Descriptor& output() { return output_; }  // Its stdout; we read.

    Descriptor& errors() { return errors_; }  // Its stderr; we read.

    // Waits until the process has ended, kills what is left of its group, and reaps it. When it is
    // cancelled it returns before that; has_ended() tells.
    Task<> watch();

    // True once watch() has reaped it.
    bool has_ended() const { return has_ended_; }

    // "exit code 1", "signal 9"; valid once has_ended().
    std::string outcome() const;

    // MCP, basic/lifecycle, Shutdown, stdio: closes its stdin, waits, sends SIGTERM, waits, sends
    // SIGKILL, waits; signals go to the whole group. Each wait lasts `kill_after` at most, and is
    // not shortened by a cancellation. A process that the kernel does not end is left behind:
    // has_ended() is false then. watch() has to run meanwhile.
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
