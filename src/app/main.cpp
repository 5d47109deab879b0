#include "app/command_line.hpp"
#include "app/server.hpp"

#include <csignal>
#include <fcntl.h>
#include <iostream>
#include <malloc.h>
#include <sodium.h>
#include <tuple>
#include <unistd.h>

namespace {

using namespace gw;

// The signals that mean something to us are taken by the main thread, one after the other.
sigset_t handled_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP})
        sigaddset(&signals, signal);
    return signals;
}

// A descriptor that is closed now would be that of our first file or socket, and what is written to
// standard output or error would go there.
void open_standard_descriptors() {
    for (int each = STDIN_FILENO; each <= STDERR_FILENO; ++each) {
        // The lowest number that is free is this one.
        if (::fcntl(each, F_GETFD) < 0) std::ignore = ::open("/dev/null", O_RDWR);
    }
}

// Until the first signal that ends it; the exit code.
int run(app::Server& server, const sigset_t& signals) {
    const auto url = server.start();
    if (!url) {
        app::tell_failure(url.error(), std::cerr);
        return url.error().kind == Errc::unavailable ? app::exit_cannot_listen : app::exit_usage;
    }
    std::cout << "listening on " << *url << '\n' << std::flush;
    for (;;) {
        int signal = 0;
        sigwait(&signals, &signal);
        if (signal != SIGHUP) break;
        server.reload("SIGHUP");
    }
    server.log().write(telemetry::Level::info, "stopping");
    return app::exit_ok;
}

int serve(app::Command command) {
    const auto signals = handled_signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    int code = app::exit_ok;
    bool has_ended = true;
    {
        app::Server server(std::move(command.settings), std::move(command.sources));
        server.tell_findings(command.warnings, command.left_out);
        code = run(server, signals);
        has_ended = server.stop();
    }
    // A thread that hangs may still use objects that exit() would destroy.
    if (!has_ended) ::_exit(code);
    return code;
}

}  // namespace

int main(int argc, char** argv) {
    open_standard_descriptors();
    if (sodium_init() < 0) return gw::app::exit_failed;
    // Large results come and go; the system gets their memory back each time, whatever came before.
    mallopt(M_MMAP_THRESHOLD, 1 << 20);  // NOLINT(concurrency-mt-unsafe): no thread has started.
    mallopt(M_TRIM_THRESHOLD, 4 << 20);  // NOLINT(concurrency-mt-unsafe): the same.
    try {
        auto command = gw::app::parse_command_line(
            argc, argv, gw::app::process_environment(), std::cout, std::cerr
        );
        if (command.kind == gw::app::Command::Kind::serve) return serve(std::move(command));
        return gw::app::run_command(
            command, gw::app::process_environment(), std::cin, std::cout, std::cerr
        );
    } catch (const std::exception& defect) {
        std::cerr << "bascule: " << defect.what() << '\n';
        return gw::app::exit_failed;
    }
}
