#include "upstream/process/process.hpp"

#include "async/deadline.hpp"
#include "async/gate.hpp"
#include "net/descriptor_limit.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <string_view>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace gw::upstream {

namespace {

// A descriptor until somebody else owns it.
class Number {
public:
    explicit Number(int number) : number_(number) {}

    Number(Number&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

    Number& operator=(Number&&) = delete;

    ~Number() {
        if (number_ >= 0) ::close(number_);
    }

    int get() const { return number_; }

    int release() { return std::exchange(number_, -1); }

private:
    int number_;
};

struct Pipe {
    Number read;
    Number write;
};

std::unexpected<Error> failed(std::string_view step) {
    return fail(
        Errc::upstream_failed,
        "the upstream server cannot be started",
        std::string(step) + ": " + ::strerrordesc_np(errno)
    );
}

// Both ends are above 2: the child's own go to 0, 1 and 2, and must not replace them.
Result<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return failed("pipe");
    Pipe low{Number(ends[0]), Number(ends[1])};
    if (ends[0] > 2 && ends[1] > 2) return low;
    Pipe high{
        Number(::fcntl(ends[0], F_DUPFD_CLOEXEC, 3)), Number(::fcntl(ends[1], F_DUPFD_CLOEXEC, 3))
    };
    if (high.read.get() < 0 || high.write.get() < 0) return failed("fcntl");
    return high;
}

// What the child needs between fork and exec, all made before: other threads may hold the locks of
// the allocator in that moment, so nothing may be allocated there.
struct Image {
    explicit Image(const ProcessCommand& command)
        : path(command.path.c_str()),
          cwd(command.cwd.empty() ? nullptr : command.cwd.c_str()),
          arguments(to_pointers(command.arguments)),
          environment(to_pointers(command.environment)),
          parent(::getpid()) {}

    static std::vector<char*> to_pointers(const std::vector<std::string>& texts) {
        std::vector<char*> pointers;
        pointers.reserve(texts.size() + 1);
        for (const auto& text : texts)
            pointers.push_back(const_cast<char*>(text.c_str()));
        pointers.push_back(nullptr);
        return pointers;
    }

    const char* path;
    const char* cwd;
    std::vector<char*> arguments;
    std::vector<char*> environment;
    pid_t parent;
    int input = -1;
    int output = -1;
    int errors = -1;
};

// An ignored signal stays ignored over exec, and a server may need its SIGPIPE. The system call and
// not signal(): that refuses 32 and 33, which glibc keeps to itself, and whoever started us may
// ignore them.
void reset_signals() {
    struct {
        void (*handler)(int) = SIG_DFL;
        unsigned long flags = 0;
        void (*restorer)() = nullptr;
        unsigned long mask = 0;
    } constexpr as_the_kernel_has_it;

    for (int number = 1; number < NSIG; ++number)
        ::syscall(SYS_rt_sigaction, number, &as_the_kernel_has_it, nullptr, sizeof(unsigned long));
}

// Runs in the child, where only async-signal-safe functions may be called (POSIX, fork).
[[noreturn]] void become(const Image& image) {
    constexpr int cannot_execute = 127;  // What a shell says then.
    ::setpgid(0, 0);
    // The parent may have died before prctl() could tell us.
    if (::prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || ::getppid() != image.parent) {
        ::_exit(cannot_execute);
    }
    ::dup2(image.input, STDIN_FILENO);
    ::dup2(image.output, STDOUT_FILENO);
    ::dup2(image.errors, STDERR_FILENO);
    if (::close_range(3, ~0U, 0) != 0) ::_exit(cannot_execute);
    net::restore_descriptor_limit();
    reset_signals();
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);  // NOLINT(concurrency-mt-unsafe): a child has one.
    if (image.cwd == nullptr || ::chdir(image.cwd) == 0) {
        ::execve(image.path, image.arguments.data(), image.environment.data());
    }
    constexpr std::string_view text = "cannot be executed\n";
    std::ignore = ::write(STDERR_FILENO, text.data(), text.size());
    ::_exit(cannot_execute);
}

pid_t fork_child(const Image& image) {
    // No handler of ours may run in the child.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    const auto id = ::fork();
    if (id == 0) become(image);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    // The child does that too; whoever is first, the group is there from now on.
    if (id > 0) ::setpgid(id, id);
    return id;
}

// Sends a signal to a child and all of its group. The child may have left the group; then it gets
// the signal by itself. The system gives its numbers to nobody else before it is reaped.
void send_signal(pid_t id, int number) {
    ::kill(-id, number);
    if (::getpgid(id) != id) ::kill(id, number);
}

}  // namespace

Result<std::unique_ptr<Process>> Process::start(net::Shard& shard, const ProcessCommand& command) {
    GW_TRY(auto input, make_pipe());
    GW_TRY(auto output, make_pipe());
    GW_TRY(auto errors, make_pipe());
    Image image(command);
    image.input = input.read.get();
    image.output = output.write.get();
    image.errors = errors.write.get();
    const auto id = fork_child(image);
    if (id < 0) return failed("fork");
    // glibc 2.36 declares pidfd_open() as C only.
    const auto pidfd = static_cast<int>(::syscall(SYS_pidfd_open, id, 0));
    if (pidfd < 0) {
        const auto error = failed("pidfd_open");
        send_signal(id, SIGKILL);
        ::waitpid(id, nullptr, 0);
        return error;
    }
    return std::unique_ptr<Process>(new Process(
        shard, id, pidfd, input.write.release(), output.read.release(), errors.read.release()
    ));
}

Process::Process(net::Shard& shard, pid_t id, int pidfd, int input, int output, int errors)
    : shard_(shard),
      id_(id),
      exit_(shard.io(), pidfd),
      input_(shard.io(), input),
      output_(shard.io(), output),
      errors_(shard.io(), errors),
      ended_(shard) {}

DetachedProcess::DetachedProcess(DetachedProcess&& other) noexcept
    : id_(std::exchange(other.id_, 0)),
      exit_(other.exit_),
      input_(other.input_),
      output_(other.output_),
      errors_(other.errors_) {}

DetachedProcess::~DetachedProcess() {
    if (id_ == 0) return;
    send_signal(id_, SIGKILL);
    ::waitpid(id_, nullptr, 0);
    for (const int each : {exit_, input_, output_, errors_})
        ::close(each);
}

std::unique_ptr<Process> Process::adopt(net::Shard& shard, DetachedProcess process) {
    const auto id = std::exchange(process.id_, 0);
    return std::unique_ptr<Process>(
        new Process(shard, id, process.exit_, process.input_, process.output_, process.errors_)
    );
}

DetachedProcess Process::detach() {
    const auto id = std::exchange(id_, 0);
    return {id, exit_.release(), input_.release(), output_.release(), errors_.release()};
}

Process::~Process() {
    signal(SIGKILL);  // Only if stop() had to leave it behind.
}

void Process::signal(int number) const {
    if (!has_ended_ && id_ != 0) send_signal(id_, number);
}

bool Process::reap() {
    const auto reaped = ::waitpid(id_, &status_, WNOHANG);
    return reaped == id_ || (reaped < 0 && errno == ECHILD);
}

Task<> Process::watch() {
    do {
        if (!co_await exit_.readable()) co_return;
        signal(SIGKILL);  // To what the process has started and left behind.
    } while (!reap());
    has_ended_ = true;
    ended_.set();
}

std::string Process::outcome() const {
    if (WIFSIGNALED(status_)) return "signal " + std::to_string(WTERMSIG(status_));
    return "exit code " + std::to_string(WEXITSTATUS(status_));
}

Task<bool> Process::ends_within(Time time) {
    auto& fiber = co_await this_fiber();
    const async::Deadline deadline(shard_.wheel(), shard_.clock().now() + time, fiber);
    while (!has_ended_ && !deadline.has_expired()) {
        const async::Shield shield(fiber);  // Of this wait, whatever has cancelled the one before.
        co_await ended_.wait();
    }
    co_return has_ended_;
}

Task<> Process::stop(Time kill_after) {
    input_.close();
    if (co_await ends_within(kill_after)) co_return;
    signal(SIGTERM);
    if (co_await ends_within(kill_after)) co_return;
    signal(SIGKILL);
    std::ignore = co_await ends_within(kill_after);
}

}  // namespace gw::upstream
