// Idle GET streams and one list_changed to all of them.
//
//   streams --port GATEWAY --upstream PORT [--path /mcp] [--count 10000] [--go FILE]
//
// Serves the upstream at once. When FILE exists it prints `empty` and waits for a byte on standard
// input, so that the caller can read the gateway's memory; opens COUNT sessions with a GET stream
// each, prints `open`, waits again; then the upstream says that its tools have changed, and the
// time until the last stream has heard of it is printed:
// {"streams":N,"milliseconds":T}. Exit code 1 when a stream heard nothing within 10 s.
#include "load/upstream.hpp"
#include "load/wire.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
    int port = 0;
    int upstream_port = 0;
    int count = 10'000;
    std::string path = "/mcp";
    std::string go_file;
};

class Streams {
public:
    explicit Streams(const Options& options)
        : options_(options),
          upstream_(
              {.tools = 10, .result_bytes = 64, .answers_by_stream = false, .has_stream = true}
          ),
          listener_(bench::listen_on(options.upstream_port)) {
        watch(listener_, &accepting_);
    }

    int run() {
        while (access(options_.go_file.c_str(), F_OK) != 0)
            poll(5);
        pause("empty");
        // A few at a time: a burst of ten thousand would measure the accept queue.
        for (int i = 0; i < options_.count; ++i) {
            open_one();
            if (i % 64 == 63) settle();
        }
        settle();
        pause("open");
        return announce();
    }

private:
    enum class Step { initialize, initialized, listen, idle };

    struct Connection {
        int fd = -1;
        bool is_of_upstream = false;
        bool has_heard = false;
        Step step = Step::initialize;
        std::string in{};
        std::string session{};
    };

    void watch(int fd, Connection* connection) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = connection;
        epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
    }

    void open_one() {
        auto* connection = new Connection{.fd = bench::dial(options_.port)};
        watch(connection->fd, connection);
        ++opening_;
        send(
            *connection,
            R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25",)"
            R"("capabilities":{},"clientInfo":{"name":"streams","version":"1"}}})"
        );
    }

    void send(const Connection& connection, std::string_view body) const {
        const bool is_get = connection.step == Step::listen;
        std::string text =
            (is_get ? "GET " : "POST ") + options_.path + " HTTP/1.1\r\nHost: 127.0.0.1:";
        text += std::to_string(options_.port) + "\r\n";
        text += is_get ? "Accept: text/event-stream\r\n"
                       : "Accept: application/json, text/event-stream\r\nContent-Type: "
                         "application/json\r\n";
        if (!connection.session.empty()) {
            text += "Mcp-Session-Id: " + connection.session +
                    "\r\nMCP-Protocol-Version: 2025-11-25\r\n";
        }
        if (!is_get) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
        bench::send_all(connection.fd, text.append("\r\n").append(body));
    }

    void answered(Connection& connection, std::string_view head) {
        if (connection.step == Step::initialize) {
            connection.session = bench::header(head, "mcp-session-id:");
            if (connection.session.empty()) fail(head);
            connection.step = Step::initialized;
            return send(connection, R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
        }
        connection.step = Step::listen;
        send(connection, {});
    }

    [[noreturn]] static void fail(std::string_view what) {
        fprintf(stderr, "streams: %s\n", std::string(what).c_str());
        exit(1);
    }

    // The head of a stream ends its opening; after that all that comes is looked at for the
    // notification.
    void heard(Connection& connection) {
        if (connection.step == Step::listen) {
            const auto end = connection.in.find("\r\n\r\n");
            if (end == std::string::npos) return;
            if (!connection.in.starts_with("HTTP/1.1 200")) fail(connection.in);
            connection.in.erase(0, end + 4);
            connection.step = Step::idle;
            --opening_;
        }
        if (!connection.has_heard && connection.in.contains("notifications/tools/list_changed")) {
            connection.has_heard = true;
            ++heard_;
        }
        if (connection.has_heard) connection.in.clear();
    }

    void on_readable(Connection* connection) {
        static char bytes[1 << 16];
        const auto count = recv(connection->fd, bytes, sizeof bytes, 0);
        if (count <= 0) {
            if (count < 0 && errno == EAGAIN) return;
            if (!connection->is_of_upstream) fail("the gateway closed a connection");
            close(connection->fd);
            delete connection;
            return;
        }
        connection->in.append(bytes, static_cast<std::size_t>(count));
        if (connection->step == Step::listen || connection->step == Step::idle)
            return heard(*connection);
        std::string head;
        std::string body;
        while (bench::take_message(connection->in, head, body)) {
            if (connection->is_of_upstream) {
                upstream_.serve(connection->fd, head, body);
            } else {
                answered(*connection, head);
            }
        }
    }

    void poll(int wait_ms) {
        epoll_event events[256];
        const int count = epoll_wait(epoll_, events, 256, wait_ms);
        for (int i = 0; i < count; ++i) {
            auto* connection = static_cast<Connection*>(events[i].data.ptr);
            if (connection != &accepting_) {
                on_readable(connection);
                continue;
            }
            const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
            if (fd >= 0) watch(fd, new Connection{.fd = fd, .is_of_upstream = true});
        }
    }

    void settle() {
        while (opening_ > 0)
            poll(1);
    }

    // Says `word` and serves until the caller has read what it wanted.
    void pause(const char* word) {
        printf("%s\n", word);
        fflush(stdout);
        for (pollfd input{STDIN_FILENO, POLLIN, 0}; ::poll(&input, 1, 0) == 0;)
            poll(5);
        char byte = 0;
        if (read(STDIN_FILENO, &byte, 1) != 1) fail("the caller has gone");
    }

    int announce() {
        const auto start = Clock::now();
        const auto passed = [&] {
            return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
        };
        upstream_.notify("notifications/tools/list_changed");
        while (heard_ < options_.count && passed() < 10'000)
            poll(0);
        printf(
            "{\"streams\":%d,\"heard\":%d,\"milliseconds\":%.1f}\n",
            options_.count,
            heard_,
            passed()
        );
        return heard_ == options_.count ? 0 : 1;
    }

    const Options options_;
    bench::Upstream upstream_;
    int epoll_ = epoll_create1(0);
    int listener_;
    Connection accepting_;
    int opening_ = 0;
    int heard_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    Options options;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string name = argv[i];
        if (name == "--port")
            options.port = atoi(argv[i + 1]);
        else if (name == "--upstream")
            options.upstream_port = atoi(argv[i + 1]);
        else if (name == "--count")
            options.count = atoi(argv[i + 1]);
        else if (name == "--path")
            options.path = argv[i + 1];
        else if (name == "--go")
            options.go_file = argv[i + 1];
        else
            return 2;
    }
    return Streams(options).run();
}
