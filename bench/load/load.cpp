#include "load/load.hpp"

#include "load/wire.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace bench {
namespace {

constexpr std::string_view modern_meta =
    R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
    R"("io.modelcontextprotocol/clientInfo":{"name":"mcpload","version":"1"},)"
    R"("io.modelcontextprotocol/clientCapabilities":{}})";

constexpr std::string_view initialize_params =
    R"("params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"mcpload","version":"1"}}})";

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

Load::Load(const Options& options)
    : options_(options),
      upstream_(options.upstream),
      epoll_(epoll_create1(0)),
      gap_(options.rate > 0 ? options.rate : 1) {
    outcome_.microseconds.reserve(4'000'000);
    if (options_.upstream_port == 0) return;
    listener_ = listen_on(options_.upstream_port);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = nullptr;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event);
}

void Load::watch(Connection* connection) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = connection;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, connection->fd, &event);
}

void Load::accept_one() {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
    if (fd < 0) return;
    const int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    watch(new Connection{.fd = fd, .is_of_upstream = true});
}

void Load::on_readable(Connection* connection) {
    static char bytes[1 << 18];
    const auto count = recv(connection->fd, bytes, sizeof bytes, 0);
    if (count <= 0) {
        if (count < 0 && errno == EAGAIN) return;
        close(connection->fd);
        if (!connection->is_of_upstream && phase_ != Phase::draining) {
            fprintf(stderr, "the gateway closed a connection\n");
            exit(1);
        }
        delete connection;
        return;
    }
    connection->in.append(bytes, static_cast<std::size_t>(count));
    std::string head;
    std::string body;
    while (take_message(connection->in, head, body)) {
        if (connection->is_of_upstream) {
            upstream_.serve(connection->fd, head, body);
        } else {
            answered(connection, head, body);
        }
    }
}

void Load::post(Connection* connection, std::string_view body) const {
    std::string text = connection->step == Step::closing ? "DELETE " : "POST ";
    text +=
        options_.path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(options_.port) + "\r\n";
    text += "User-Agent: mcpload/1\r\nAccept: application/json, text/event-stream\r\n";
    text += "Content-Type: application/json\r\n" + options_.headers;
    if (options_.is_modern) {
        text += "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: " + options_.method + "\r\n";
        if (options_.method == "tools/call") text += "Mcp-Name: " + options_.tool + "\r\n";
    } else if (connection->step != Step::initialize) {
        text += "MCP-Protocol-Version: 2025-11-25\r\n";
        if (!connection->session.empty()) text += "Mcp-Session-Id: " + connection->session + "\r\n";
    }
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    send_all(connection->fd, text.append(body));
}

std::string Load::call_params() const {
    std::string params;
    if (options_.method == "tools/call") {
        params = R"("name":")" + options_.tool + R"(","arguments":{"a":")";
        params += std::string(static_cast<std::size_t>(options_.argument_bytes), 'q') + "\"}";
    }
    if (options_.is_modern) params.append(params.empty() ? "" : ",").append(modern_meta);
    return params;
}

void Load::begin(Connection* connection) {
    if (options_.is_modern || !options_.opens_session) {
        connection->step = Step::calling;
        return make_ready(connection);
    }
    connection->step = Step::initialize;
    connection->session.clear();
    connection->id = next_id_++;
    connection->sent = Clock::now();
    if (options_.cycles_sessions) ++in_flight_;
    std::string body =
        R"({"jsonrpc":"2.0","id":)" + std::to_string(connection->id) + R"(,"method":"initialize",)";
    post(connection, body.append(initialize_params));
}

void Load::call(Connection* connection, Clock::time_point when) {
    connection->id = next_id_++;
    connection->sent = when;
    ++in_flight_;
    std::string body =
        R"({"jsonrpc":"2.0","id":)" + std::to_string(connection->id) + R"(,"method":")";
    body += options_.method + R"(","params":{)" + call_params() + "}}";
    post(connection, body);
}

void Load::make_ready(Connection* connection) {
    if (phase_ == Phase::draining) return;
    if (options_.calls != 0 && outcome_.finished + in_flight_ >= options_.calls) return;
    if (options_.cycles_sessions) return begin(connection);
    if (options_.rate > 0) return idle_.push_back(connection);
    call(connection, Clock::now());
}

void Load::answered(Connection* connection, std::string_view head, std::string_view body) {
    const auto status = head.substr(9, 3);
    if (status == "100") return;
    switch (connection->step) {
        case Step::initialize:
            if (status != "200") {
                fprintf(
                    stderr,
                    "initialize: %s\n%s\n",
                    std::string(head).c_str(),
                    std::string(body.substr(0, 300)).c_str()
                );
                exit(1);
            }
            connection->session = header(head, "mcp-session-id:");
            connection->step = Step::initialized;
            return post(connection, R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
        case Step::initialized:
            if (!options_.cycles_sessions) {
                connection->step = Step::calling;
                return make_ready(connection);
            }
            connection->step = Step::closing;
            return post(connection, {});
        case Step::closing: return finish(connection, status.starts_with("2"), head, body);
        case Step::calling: {
            const bool is_right = status == "200" && body.contains("\"result\"") &&
                                  !body.contains("\"isError\":true") &&
                                  raw_id(body) == std::to_string(connection->id);
            return finish(connection, is_right, head, body);
        }
    }
}

void Load::finish(
    Connection* connection, bool is_right, std::string_view head, std::string_view body
) {
    --in_flight_;
    if (is_counting_) {
        ++outcome_.finished;
        const auto took = Clock::now() - connection->sent;
        outcome_.microseconds.push_back(std::chrono::duration<float, std::micro>(took).count());
    }
    if (!is_right && outcome_.wrong++ == 0) {
        outcome_.first_wrong = std::string(head.substr(0, head.find("\r\n"))) + " | " +
                               std::string(body.substr(0, 300));
    }
    make_ready(connection);
}

void Load::poll(int wait_ms) {
    epoll_event events[256];
    const int count = epoll_wait(epoll_, events, 256, wait_ms);
    for (int i = 0; i < count; ++i) {
        auto* connection = static_cast<Connection*>(events[i].data.ptr);
        if (connection != nullptr) {
            on_readable(connection);
        } else {
            accept_one();
        }
    }
}

// Moves to the next phase when it is time; false at the end.
bool Load::advance() {
    const auto seconds = seconds_since(phase_start_);
    const auto enter = [&](Phase phase) {
        phase_ = phase;
        phase_start_ = Clock::now();
    };
    switch (phase_) {
        case Phase::waiting:
            if (!options_.go_file.empty() && access(options_.go_file.c_str(), F_OK) != 0)
                return true;
            enter(Phase::warming);
            is_counting_ = options_.calls > 0;
            for (int i = 0; i < options_.connections; ++i) {
                auto* connection = new Connection{.fd = dial(options_.port)};
                watch(connection);
                begin(connection);
            }
            return true;
        case Phase::warming:
            if (seconds <= options_.warm_seconds) return true;
            enter(Phase::measuring);
            is_counting_ = true;
            outcome_.wrong = 0;
            upstream_calls_before_ = upstream_.calls();
            next_due_ = options_.rate > 0 ? gap_(random_) : 0;
            return true;
        case Phase::measuring:
            if (options_.calls != 0 ? outcome_.finished < options_.calls
                                    : seconds <= options_.seconds)
                return true;
            outcome_.seconds = seconds;
            enter(Phase::draining);
            is_counting_ = false;
            return true;
        case Phase::draining: return in_flight_ > 0 && seconds <= 3;
    }
    return false;
}

// Open loop: arrivals are Poisson, and a call's time runs from when it was due, not from when it
// could be sent.
void Load::send_due() {
    if (options_.rate <= 0 || idle_.empty()) return;
    const auto take = [&] {
        auto* connection = idle_.back();
        idle_.pop_back();
        return connection;
    };
    if (phase_ == Phase::warming && in_flight_ < 8) return call(take(), Clock::now());
    if (phase_ != Phase::measuring) return;
    const auto now = seconds_since(phase_start_);
    for (; next_due_ <= now; next_due_ += gap_(random_))
        due_.push_back(next_due_);
    while (!due_.empty() && !idle_.empty()) {
        call(
            take(), phase_start_ + std::chrono::nanoseconds(static_cast<long>(due_.front() * 1e9))
        );
        due_.pop_front();
    }
}

Outcome Load::run() {
    do {
        poll(phase_ == Phase::waiting ? 5 : 0);
        send_due();
    } while (advance());
    outcome_.unanswered = in_flight_;
    outcome_.backlog = due_.size();
    outcome_.upstream_calls = upstream_.calls() - upstream_calls_before_;
    std::ranges::sort(outcome_.microseconds);
    return std::move(outcome_);
}

}  // namespace bench
