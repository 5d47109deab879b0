// The lower bound of what any proxy must pay: forwards each HTTP message as it stands over kept
// connections, finds its end by Content-Length alone, and reads nothing else. It trusts everything;
// it is a yardstick, not a proxy.
//
//   bound PORT UPSTREAM_PORT
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace {

struct Connection {
    int fd = -1;
    bool is_upstream = false;
    Connection* peer = nullptr;  // Of an upstream connection: the client that waits for its answer.
    std::size_t size = 0;
    char bytes[256 * 1024];
};

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

class Bound {
public:
    Bound(int port, int upstream_port)
        : listener_(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)),
          upstream_(loopback(upstream_port)) {
        const int one = 1;
        setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
        const auto address = loopback(port);
        if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            exit(1);
        listen(listener_, 4096);
        watch(listener_, nullptr);
    }

    [[noreturn]] void run() {
        epoll_event events[256];
        for (;;) {
            const int count = epoll_wait(epoll_, events, 256, -1);
            for (int i = 0; i < count; ++i) {
                auto* connection = static_cast<Connection*>(events[i].data.ptr);
                if (connection != nullptr) {
                    on_readable(connection);
                } else {
                    accept_all();
                }
            }
        }
    }

private:
    void watch(int fd, Connection* connection) {
        const int one = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = connection;
        epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
    }

    void accept_all() {
        for (;;) {
            const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
            if (fd < 0) return;
            auto* connection = new Connection;
            connection->fd = fd;
            watch(fd, connection);
        }
    }

    // The size of the message at the front, or 0 while it is incomplete.
    static std::size_t message_size(const Connection& connection) {
        const auto* begin = connection.bytes;
        const auto* end = static_cast<const char*>(memmem(begin, connection.size, "\r\n\r\n", 4));
        if (end == nullptr) return 0;
        const auto head = static_cast<std::size_t>(end + 4 - begin);
        const auto* length = static_cast<const char*>(memmem(begin, head, "Content-Length: ", 16));
        const std::size_t body = length == nullptr ? 0 : strtoul(length + 16, nullptr, 10);
        return connection.size >= head + body ? head + body : 0;
    }

    Connection* take_upstream() {
        if (!idle_.empty()) {
            auto* connection = idle_.back();
            idle_.pop_back();
            return connection;
        }
        auto* connection = new Connection;
        connection->is_upstream = true;
        connection->fd = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(
                connection->fd, reinterpret_cast<const sockaddr*>(&upstream_), sizeof upstream_
            ) != 0)
            exit(2);
        fcntl(connection->fd, F_SETFL, O_NONBLOCK);
        watch(connection->fd, connection);
        return connection;
    }

    static void forward(Connection* from, int to, std::size_t size) {
        for (std::size_t sent = 0; sent < size;) {
            const auto count = send(to, from->bytes + sent, size - sent, MSG_NOSIGNAL);
            if (count > 0)
                sent += static_cast<std::size_t>(count);
            else if (errno != EAGAIN)
                break;
        }
        from->size = 0;
    }

    void on_readable(Connection* connection) {
        const auto count = recv(
            connection->fd,
            connection->bytes + connection->size,
            sizeof connection->bytes - connection->size,
            0
        );
        if (count <= 0) {
            close(connection->fd);
            delete connection;
            return;
        }
        connection->size += static_cast<std::size_t>(count);
        const auto size = message_size(*connection);
        if (size == 0) return;
        if (connection->is_upstream) {
            forward(connection, connection->peer->fd, size);
            idle_.push_back(connection);
        } else {
            auto* upstream = take_upstream();
            upstream->peer = connection;
            forward(connection, upstream->fd, size);
        }
    }

    int epoll_ = epoll_create1(0);
    int listener_;
    sockaddr_in upstream_;
    std::vector<Connection*> idle_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    Bound(atoi(argv[1]), atoi(argv[2])).run();
}
