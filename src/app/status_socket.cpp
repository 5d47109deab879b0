#include "app/status_socket.hpp"

#include "app/status_path.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <poll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <tuple>
#include <unistd.h>
#include <utility>

namespace gw::app {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds question_time{5};   // For all of it.
constexpr std::chrono::seconds answer_time{5};     // The same.
constexpr std::chrono::seconds patience{5};        // For what is known at once.
constexpr std::chrono::seconds long_patience{60};  // For what reads files.
constexpr std::size_t answer_bytes_max = std::size_t{64} << 20U;

// A file descriptor, closed with this.
class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}

    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }

    int get() const { return number_; }

    int release() { return std::exchange(number_, -1); }

private:
    int number_;
};

std::unexpected<Error> failed(const std::string& what) {
    return fail(Errc::unavailable, what + ": " + ::strerrordesc_np(errno));
}

Result<sockaddr_un> to_address(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path)) {
        return fail(Errc::unavailable, path + " is too long for a Unix socket");
    }
    std::ranges::copy(path, std::begin(address.sun_path));
    return address;
}

const sockaddr* raw(const sockaddr_un& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

int make_socket(int flags = 0) {
    return ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
}

// Whether the other side is the same user, or the administrator.
bool is_ours(int connection) {
    ucred peer{};
    socklen_t size = sizeof(peer);
    if (::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
    return peer.uid == ::geteuid() || peer.uid == 0;
}

// Whether `connection` is ready for `events` before `until`, and before `end`, if that is a socket,
// is shut down.
bool is_ready(int connection, short events, Clock::time_point until, int end = -1) {
    std::array<pollfd, 2> both{{{connection, events, 0}, {end, 0, 0}}};
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
        if (left.count() <= 0) return false;
        const int count = ::poll(both.data(), both.size(), static_cast<int>(left.count()));
        if (count < 0 && errno == EINTR) continue;
        return count > 0 && both[1].revents == 0;
    }
}

void send_all(int connection, std::string_view text, Clock::time_point until) {
    while (!text.empty() && is_ready(connection, POLLOUT, until)) {
        const auto sent = ::send(connection, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent <= 0 && errno != EAGAIN) return;
        if (sent > 0) text.remove_prefix(static_cast<std::size_t>(sent));
    }
}

// The first line; empty when it did not come in time, or `end` was shut down before.
std::string read_line(int connection, int end) {
    const auto until = Clock::now() + question_time;
    std::string line;
    char next = 0;
    while (line.size() < question_bytes_max && is_ready(connection, POLLIN, until, end) &&
           ::read(connection, &next, 1) == 1) {
        if (next == '\n') return line;
        line += next;
    }
    return {};
}

// Removes a socket at which no process listens any more; whatever else is there stays.
void remove_if_dead(const std::string& path) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return;
    const auto address = to_address(path);
    if (!address) return;
    const Descriptor probe(make_socket(SOCK_NONBLOCK));
    const bool is_dead =
        ::connect(probe.get(), raw(*address), sizeof(*address)) != 0 && errno == ECONNREFUSED;
    if (is_dead) ::unlink(path.c_str());
}

// Keeps other gateways from making or removing sockets in `folder` at the same time: two that find
// a dead one must not both replace it. Ends with the descriptor.
bool lock(int folder) {
    constexpr int tries = 200;
    constexpr useconds_t pause = 10'000;
    for (int i = 0; i < tries; ++i) {
        if (::flock(folder, LOCK_EX | LOCK_NB) == 0) return true;
        if (errno != EWOULDBLOCK) return false;
        ::usleep(pause);
    }
    return false;
}

}  // namespace

Result<std::unique_ptr<StatusSocket>> StatusSocket::open(std::string path, Answer answer) {
    GW_TRY(const auto address, to_address(path));
    auto folder = std::filesystem::path(path).parent_path().string();
    if (folder.empty()) folder = ".";
    const auto usual = status_folders(process_environment());
    const bool is_usual = std::ranges::find(usual, folder) != usual.end();
    if (is_usual) {
        ::mkdir(folder.c_str(), 0700);
        if (!is_private_folder(folder)) {
            return fail(Errc::unavailable, folder + " is no folder of this user alone (mode 0700)");
        }
    }
    const Descriptor locked(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (locked.get() < 0 || !lock(locked.get())) return failed(folder);
    if (is_usual) std::ranges::for_each(status_sockets({folder}), remove_if_dead);
    remove_if_dead(path);
    Descriptor made(make_socket());
    // The mode is set before the socket has a path, so that others may never connect.
    if (made.get() < 0 || ::fchmod(made.get(), 0600) != 0 ||
        ::bind(made.get(), raw(address), sizeof(address)) != 0 || ::listen(made.get(), 16) != 0) {
        return failed(path);
    }
    return std::unique_ptr<StatusSocket>(
        new StatusSocket(made.release(), std::move(path), std::move(answer))
    );
}

StatusSocket::StatusSocket(int descriptor, std::string path, Answer answer)
    : descriptor_(descriptor), path_(std::move(path)), file_(path_), answer_(std::move(answer)) {
    for (auto& thread : threads_)
        thread = std::thread([this] { serve(); });
}

StatusSocket::~StatusSocket() {
    ::shutdown(descriptor_, SHUT_RDWR);
    for (auto& thread : threads_)
        thread.join();
    file_.remove();
    ::close(descriptor_);
}

// One after the other, on each of the threads; shutdown() ends the wait for the next.
void StatusSocket::serve() {
    for (;;) {
        const Descriptor connection(::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC));
        if (connection.get() >= 0) {
            if (!is_ours(connection.get())) continue;
            const auto question = read_line(connection.get(), descriptor_);
            if (!question.empty())
                send_all(connection.get(), answer_(question), Clock::now() + answer_time);
        } else if (errno == EINVAL) {
            return;  // Shut down.
        } else {
            ::usleep(100'000);  // Out of descriptors, perhaps.
        }
    }
}

namespace {

std::unexpected<Error> nothing_answered(const std::string& path) {
    return fail(
        Errc::timed_out,
        path + ": the gateway there does not answer: it is stopped, or hangs, or is too busy"
    );
}

// A process that is stopped lets only so many wait for it.
Result<void> connect(int connection, const std::string& path, Clock::time_point until) {
    constexpr useconds_t pause = 20'000;
    GW_TRY(const auto address, to_address(path));
    while (::connect(connection, raw(address), sizeof(address)) != 0) {
        if (errno != EAGAIN && errno != EINTR) return failed(path);
        if (Clock::now() >= until) return nothing_answered(path);
        ::usleep(pause);
    }
    return {};
}

Result<std::string> read_all(int connection, const std::string& path, Clock::time_point until) {
    std::string text;
    std::array<char, 16384> part;
    while (text.size() < answer_bytes_max) {
        if (!is_ready(connection, POLLIN, until)) return nothing_answered(path);
        const auto size = ::read(connection, part.data(), part.size());
        if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (size < 0) return failed(path);
        if (size == 0) break;
        text.append(part.data(), static_cast<std::size_t>(size));
    }
    return text;
}

}  // namespace

Result<std::string> ask_gateway(const std::string& path, const GatewayQuestion& question) {
    // A reload may take its time; whether anybody is there is known before.
    const bool is_long = question.word == "reload";
    if (is_long) {
        GW_TRY(std::ignore, ask_gateway(path, {.word = "status", .file = question.file}));
    }
    const auto until = Clock::now() + (is_long ? long_patience : patience);
    const Descriptor connection(make_socket(SOCK_NONBLOCK));
    GW_DO(connect(connection.get(), path, until));
    send_all(connection.get(), question.line(), until);
    GW_TRY(const auto text, read_all(connection.get(), path, until));
    if (text.empty()) {
        return fail(Errc::unavailable, path + ": the gateway answers its own user and root only");
    }
    if (!text.starts_with('{')) {
        return fail(
            Errc::unavailable,
            path + " is no status socket" +
                (text.starts_with("HTTP/") ? " (it speaks HTTP: clients connect there)" : "") +
                "; the setting status.socket says where that is"
        );
    }
    return unless_refused(text);
}

}  // namespace gw::app
