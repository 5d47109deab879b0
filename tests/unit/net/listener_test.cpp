#include "net/listener.hpp"

#include "async/sleep.hpp"
#include "support/certificate.hpp"
#include "support/loopback.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace gw::test {
namespace {

using namespace std::chrono_literals;

// A client's socket, connected by the kernel before anybody accepts.
net::DetachedStream dial(const net::ListenAddress& to) {
    if (to.is_unix()) {
        sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
        std::memcpy(address.sun_path, to.path.data(), to.path.size());
        const auto descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const auto* raw = reinterpret_cast<const sockaddr*>(&address);
        EXPECT_EQ(::connect(descriptor, raw, sizeof(address)), 0) << errno;
        return net::DetachedStream(descriptor);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(to.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto* raw = reinterpret_cast<const sockaddr*>(&address);
    EXPECT_EQ(::connect(descriptor, raw, sizeof(address)), 0) << errno;
    return net::DetachedStream(descriptor);
}

net::ListenAddress at(std::string_view text) {
    return *net::parse_listen_address(text);
}

// Who accepted how many.
struct Seen {
    std::atomic<int> all = 0;
    std::array<std::atomic<int>, 2> on_shard{};
    std::string peer;
    bool has_no_delay = false;
    bool is_inherited_by_children = false;

    net::Listener::Handler handler() {
        return [this](net::Shard& shard, net::Stream::Socket socket, std::string from) {
            if (!has_looked_.exchange(true)) look(socket, std::move(from));
            ++on_shard.at(shard.index());
            ++all;
        };
    }

private:
    void look(net::Stream::Socket& socket, std::string from) {
        int on = 0;
        socklen_t size = sizeof(on);
        ::getsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, &size);
        has_no_delay = on != 0;
        is_inherited_by_children = (::fcntl(socket.native_handle(), F_GETFD) & FD_CLOEXEC) == 0;
        peer = std::move(from);
    }

    std::atomic<bool> has_looked_ = false;  // At the first one, on whichever shard.
};

class Listener : public Loopback {
protected:
    Seen seen;
    std::vector<net::Shard*> just_one{&shard};

    std::unique_ptr<net::Listener> listen(std::string_view on) {
        auto listeners = net::listen(just_one, at(on));
        EXPECT_TRUE(listeners) << listeners.error().text;
        EXPECT_EQ(listeners->size(), 1);
        return std::move(listeners->front());
    }

    std::string listen_failure(std::string_view on) {
        const auto listeners = net::listen(just_one, at(on));
        return listeners ? "listens" : to_string(listeners.error());
    }

    // Turns the loop until `count` connections were accepted.
    Task<> await_accepted(int count) {
        while (seen.all < count) {
            if (!co_await async::sleep_until(shard, shard.wheel(), shard.now())) co_return;
        }
    }

    Task<> accept(net::Listener& listener, int count) {
        tasks.spawn(listener.accept_loop(seen.handler()));
        co_await await_accepted(count);
    }
};

TEST_F(Listener, accepts_on_a_port_that_the_system_chose) {
    const auto listener = listen("127.0.0.1:0");
    EXPECT_NE(listener->address().port, 0);
    const auto client = dial(listener->address());
    run(accept(*listener, 1));
    EXPECT_EQ(seen.peer, "127.0.0.1");
    EXPECT_TRUE(seen.has_no_delay);
    EXPECT_FALSE(seen.is_inherited_by_children);
}

TEST_F(Listener, writes_the_peer_of_a_dual_stack_socket_as_ipv4) {
    const auto listener = listen("[::]:0");
    const auto client = dial(listener->address());
    run(accept(*listener, 1));
    EXPECT_EQ(seen.peer, "127.0.0.1");
}

TEST_F(Listener, names_the_address_that_it_cannot_have) {
    const auto listener = listen("127.0.0.1:0");
    const auto address = to_string(listener->address());
    EXPECT_EQ(listen_failure(address), "unavailable: the address " + address + " is in use");
    EXPECT_EQ(
        listen_failure("192.0.2.1:80"),
        "unavailable: cannot listen on 192.0.2.1:80: Cannot assign requested address"
    );
    EXPECT_TRUE(listen_failure("no-such-host.invalid:80").starts_with("unavailable: cannot listen")
    );
}

TEST_F(Listener, does_not_share_its_port_with_another_programs_shards) {
    net::Shard second(1, clock);
    const std::vector<net::Shard*> two{&shard, &second};
    const auto listeners = net::listen(two, at("127.0.0.1:0"));
    ASSERT_TRUE(listeners);
    const auto again = net::listen(two, listeners->front()->address());
    ASSERT_FALSE(again);
    EXPECT_TRUE(again.error().text.ends_with(" is in use"));
}

Task<> accept_until_closed(net::Listener& listener, net::Listener::Handler handler, bool& ended) {
    co_await listener.accept_loop(std::move(handler));
    ended = true;
}

Task<> close_soon(net::Shard& shard, net::Listener& listener, bool& ended) {
    co_await async::sleep_until(shard, shard.wheel(), shard.now());
    listener.close();
    while (!ended)
        co_await async::sleep_until(shard, shard.wheel(), shard.now());
}

TEST_F(Listener, close_ends_the_accept_loop_and_frees_the_port) {
    const auto listener = listen("127.0.0.1:0");
    bool ended = false;
    tasks.spawn(accept_until_closed(*listener, seen.handler(), ended));
    run(close_soon(shard, *listener, ended));
    EXPECT_TRUE(ended);
    EXPECT_EQ(listen_failure(to_string(listener->address())), "listens");
}

// While it lives, the process gets no further descriptor.
class NoDescriptors {
public:
    NoDescriptors() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const auto next = ::dup(0);
        ::close(next);
        const rlimit none{.rlim_cur = static_cast<rlim_t>(next), .rlim_max = before_.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &none);
    }

    NoDescriptors(const NoDescriptors&) = delete;
    NoDescriptors& operator=(const NoDescriptors&) = delete;

    ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
};

Task<> starve_and_accept(
    net::Shard& shard, async::Gate& tasks, net::Listener& listener, Seen& seen
) {
    {
        const NoDescriptors none;
        tasks.spawn(listener.accept_loop(seen.handler()));
        co_await async::sleep_until(shard, shard.wheel(), shard.now() + 50ms);
        EXPECT_EQ(seen.all, 0);
    }
    while (seen.all < 1)
        co_await async::sleep_until(shard, shard.wheel(), shard.now());
    EXPECT_EQ(tasks.running(), 1) << "it accepts on";
}

TEST_F(Listener, pauses_while_descriptors_are_short_and_goes_on_after) {
    const auto listener = listen("127.0.0.1:0");
    const auto client = dial(listener->address());
    const auto begin = clock.now();
    run(starve_and_accept(shard, tasks, *listener, seen));
    EXPECT_GE(clock.now() - begin, net::Listener::pause);
}

class ListenerInNeed : public Listener {
protected:
    net::Listener::Shortage shortage{
        .handler = [this](
                       net::Shard&, net::Stream::Socket socket, std::string /*from*/
                   ) { silent.push_back(std::move(socket)); },
        .report = nullptr
    };
    std::vector<net::Stream::Socket> silent;

    // `count` connect, one of them before there is no descriptor left.
    Task<> connect(net::Listener& listener, std::size_t count) {
        tasks.spawn(listener.accept_loop(seen.handler(), shortage));
        std::vector<net::DetachedStream> clients;
        clients.push_back(dial(listener.address()));
        co_await await_accepted(1);
        while (clients.size() < count)
            clients.push_back(dial(listener.address()));
        const NoDescriptors none;
        const auto until = shard.now() + 2s;
        while (silent.size() < net::Listener::reserves_max && shard.now() < until)
            co_await async::sleep_until(shard, shard.wheel(), shard.now());
    }
};

TEST_F(ListenerInNeed, accepts_several_at_a_time_however_long_each_says_nothing) {
    const auto listener = listen("127.0.0.1:0");
    run(connect(*listener, 2 * net::Listener::reserves_max));
    EXPECT_EQ(silent.size(), net::Listener::reserves_max);
    EXPECT_EQ(seen.all, 1);
}

class UnixListener : public Listener {
protected:
    TemporaryFolder folder;
    const std::string path = folder / "socket";
    const std::string address = "unix:" + path;
};

TEST_F(UnixListener, accepts_its_own_user_only_and_removes_its_file_at_the_end) {
    auto listener = listen(address);
    EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms(0600));
    const auto client = dial(listener->address());
    run(accept(*listener, 1));
    EXPECT_EQ(seen.peer, "unix");
    listener.reset();
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(UnixListener, takes_the_place_of_a_file_that_a_dead_process_left) {
    const auto descriptor = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un dead{.sun_family = AF_UNIX, .sun_path = {}};
    std::memcpy(dead.sun_path, path.data(), path.size());
    ASSERT_EQ(::bind(descriptor, reinterpret_cast<const sockaddr*>(&dead), sizeof(dead)), 0);
    ::close(descriptor);
    EXPECT_EQ(listen_failure(address), "listens");
}

TEST_F(UnixListener, leaves_a_living_socket_and_other_files_alone) {
    const auto listener = listen(address);
    EXPECT_EQ(listen_failure(address), "unavailable: the address " + address + " is in use");
    std::ofstream(folder / "file") << "precious";
    const auto file = "unix:" + folder / "file";
    const auto is_there = [](const std::string& at, const std::string& what) {
        return "unavailable: cannot listen on " + at + ": there is " + what + " at that path";
    };
    EXPECT_EQ(listen_failure(file), is_there(file, "a file that is no socket"));
    EXPECT_TRUE(std::filesystem::exists(folder / "file"));
    std::filesystem::create_directory(folder / "inner");
    const auto inner = "unix:" + folder / "inner";
    EXPECT_EQ(listen_failure(inner), is_there(inner, "a folder"));
}

TEST_F(UnixListener, leaves_the_socket_alone_that_another_process_has_put_in_its_place) {
    auto old = listen(address);
    std::filesystem::remove(path);
    const auto next = listen(address);
    old.reset();
    EXPECT_TRUE(std::filesystem::exists(path));
    EXPECT_EQ(listen_failure(address), "unavailable: the address " + address + " is in use");
}

class Shards : public UnixListener {
protected:
    net::Shard second{1, clock};
    std::vector<net::Shard*> both{&shard, &second};

    // Connects `count` times, and runs both shards until all are accepted.
    void accept_all(std::vector<std::unique_ptr<net::Listener>> listeners, int count) {
        async::Gate there(second);
        if (listeners.size() == 2) {
            there.spawn(listeners[1]->accept_loop(seen.handler()));
        }
        std::thread thread([this] { second.run(); });
        std::vector<net::DetachedStream> clients;
        clients.reserve(static_cast<std::size_t>(count));
        for (int i = 0; i < count; ++i)
            clients.push_back(dial(listeners[0]->address()));
        run(accept(*listeners[0], count));
        second.submit([&] { there.cancel(); });
        second.submit([&] { second.submit([&] { second.stop(); }); });
        thread.join();
        EXPECT_EQ(there.running(), 0);
    }
};

TEST_F(Shards, share_one_tcp_port) {
    auto listeners = net::listen(both, at("127.0.0.1:0"));
    ASSERT_TRUE(listeners);
    ASSERT_EQ(listeners->size(), 2);
    EXPECT_EQ((*listeners)[0]->address(), (*listeners)[1]->address());
    accept_all(*std::move(listeners), 64);
    EXPECT_EQ(seen.all, 64);
    EXPECT_GT(seen.on_shard[0], 0);
    EXPECT_GT(seen.on_shard[1], 0);
}

TEST_F(Shards, get_the_connections_of_a_unix_socket_in_turn) {
    auto listeners = net::listen(both, at(address));
    ASSERT_TRUE(listeners);
    ASSERT_EQ(listeners->size(), 1);
    accept_all(*std::move(listeners), 10);
    EXPECT_EQ(seen.on_shard[0], 5);
    EXPECT_EQ(seen.on_shard[1], 5);
}

}  // namespace
}  // namespace gw::test
