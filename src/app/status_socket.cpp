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
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace gw::app {

namespace {

constexpr timeval patience{.tv_sec = 5, .tv_usec = 0};        // For either side to read or write.
constexpr timeval long_patience{.tv_sec = 60, .tv_usec = 0};  // For what reads files.
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

void send_all(int connection, std::string_view text) {
    while (!text.empty()) {
        const auto sent = ::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
        if (sent <= 0) return;
        text.remove_prefix(static_cast<std::size_t>(sent));
    }
}

// The first line, or what came of it in time.
std::string read_line(int connection) {
    std::string line;
    char next = 0;
    while (line.size() < question_bytes_max && ::read(connection, &next, 1) == 1 && next != '\n')
        line += next;
    return line;
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
    // What mode it has it takes along to its path, so that there is no time in which others may.
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
    thread_ = std::thread([this] { serve(); });
}

StatusSocket::~StatusSocket() {
    ::shutdown(descriptor_, SHUT_RDWR);
    thread_.join();
    file_.remove();
    ::close(descriptor_);
}

// One after the other; shutdown() ends the wait for the next.
void StatusSocket::serve() {
    for (;;) {
        const Descriptor connection(::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC));
        if (connection.get() >= 0) {
            ::setsockopt(connection.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
            ::setsockopt(connection.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
            if (!is_ours(connection.get())) continue;
            const auto question = read_line(connection.get());
            if (!question.empty()) send_all(connection.get(), answer_(question));
        } else if (errno == EINVAL) {
            return;  // Shut down.
        } else {
            ::usleep(100'000);  // Out of descriptors, perhaps.
        }
    }
}

Result<std::string> ask_gateway(const std::string& path, const GatewayQuestion& question) {
    GW_TRY(const auto address, to_address(path));
    const Descriptor connection(make_socket());
    const auto& wait = question.word == "reload" ? long_patience : patience;
    ::setsockopt(connection.get(), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    if (::connect(connection.get(), raw(address), sizeof(address)) != 0) return failed(path);
    send_all(connection.get(), question.line());
    std::string text;
    std::array<char, 16384> part;
    while (text.size() < answer_bytes_max) {
        const auto size = ::read(connection.get(), part.data(), part.size());
        if (size < 0) return failed(path);
        if (size == 0) break;
        text.append(part.data(), static_cast<std::size_t>(size));
    }
    if (text.empty()) {
        return fail(Errc::unavailable, path + ": the gateway answers its own user and root only");
    }
    return unless_refused(std::move(text));
}

}  // namespace gw::app
