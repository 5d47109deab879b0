#include "net/connect.hpp"

#include "net/listener.hpp"
#include "support/certificate.hpp"
#include "support/loopback.hpp"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace gw::test {
namespace {

using namespace std::chrono_literals;

int option(net::Stream& stream, int level, int name) {
    int value = 0;
    socklen_t size = sizeof(value);
    ::getsockopt(stream.socket().native_handle(), level, name, &value, &size);
    return value;
}

// A port on an address of this machine where nobody listens, or where connections hang: the kernel
// answers no more of them once the short queue of the socket is full.
class Port {
public:
    explicit Port(std::uint32_t address) {
        at_.sin_family = AF_INET;
        at_.sin_addr.s_addr = htonl(address);
        const auto descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockets_.emplace_back(descriptor);
        socklen_t size = sizeof(at_);
        auto* raw = reinterpret_cast<sockaddr*>(&at_);
        EXPECT_EQ(::bind(descriptor, raw, size), 0);
        ::getsockname(descriptor, raw, &size);
        descriptor_ = descriptor;
    }

    std::uint16_t number() const { return ntohs(at_.sin_port); }

    void swallow() {
        EXPECT_EQ(::listen(descriptor_, 0), 0);
        for (int i = 0; i < 4; ++i) {
            const auto type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
            const auto client = ::socket(AF_INET, type, 0);
            sockets_.emplace_back(client);
            std::ignore = ::connect(client, reinterpret_cast<const sockaddr*>(&at_), sizeof(at_));
        }
    }

private:
    std::vector<net::DetachedStream> sockets_;
    sockaddr_in at_{};
    int descriptor_ = -1;
};

// What the other end of a new connection does.
using Serve = Task<> (*)(net::Stream& stream);

Task<> echo(net::Stream& stream) {
    if (!co_await stream.handshake()) co_return;
    const auto text = co_await read(stream, 4);
    EXPECT_TRUE(co_await write(stream, "<" + text + ">"));
}

Task<> serve(
    net::Shard& shard, net::DetachedStream from, std::unique_ptr<net::Tls> tls, Serve how
) {
    net::Stream stream(from.take_socket(shard.io()), std::move(tls));
    co_await how(stream);
    co_await stream.finish();
}

class Connect : public Loopback {
protected:
    net::Offload offload{{.threads = 1, .queue_max = 8}};
    net::Addresses answer{boost::asio::ip::make_address("127.0.0.1")};
    net::Resolver resolver{offload, [this](const std::string& host) -> Result<net::Addresses> {
                               if (host != "up.example") return fail(Errc::upstream_failed, "?");
                               return answer;
                           }};
    net::Connector connector{resolver};
    std::vector<net::Shard*> just_one{&shard};
    std::unique_ptr<net::Listener> listener;
    TemporaryFolder folder;
    std::unique_ptr<net::TlsServer> tls_server;
    std::unique_ptr<net::TlsClient> tls_client;
    std::string outcome;

    void use_tls(const std::string& host) {
        write_certificate(host, folder / "cert", folder / "key");
        tls_server = *net::TlsServer::make({folder / "cert", folder / "key"}, {});
        tls_client = *net::TlsClient::make(folder / "cert");
    }

    std::uint16_t listen(std::string_view on, Serve how) {
        listener = std::move(net::listen(just_one, *net::parse_listen_address(on))->front());
        tasks.spawn(listener->accept_loop(
            [this, how](net::Shard& here, net::Stream::Socket socket, const std::string&) {
                auto tls = tls_server ? tls_server->new_connection(here.now()) : nullptr;
                auto from = net::Stream(std::move(socket)).detach();
                tasks.spawn(serve(here, std::move(from), std::move(tls), how));
            }
        ));
        return listener->address().port;
    }

    // Connects, says "ping", and notes what comes back.
    Task<> talk(net::Destination to, TimePoint::duration patience_of_caller) {
        auto stream = co_await connector.connect(shard, to, shard.now() + patience_of_caller);
        if (!stream) {
            outcome = to_string(stream.error());
            if (!stream.error().detail.empty()) outcome += " (" + stream.error().detail + ")";
            co_return;
        }
        EXPECT_NE(option(**stream, IPPROTO_TCP, TCP_NODELAY), 0);
        EXPECT_NE(option(**stream, SOL_SOCKET, SO_KEEPALIVE), 0);
        EXPECT_TRUE(co_await write(**stream, "ping"));
        outcome = co_await read(**stream, 6);
        co_await (*stream)->finish();
    }

    std::string connect(net::Destination to, TimePoint::duration patience_of_caller = 5s) {
        run(talk(std::move(to), patience_of_caller));
        return outcome;
    }
};

TEST_F(Connect, reaches_a_name) {
    const auto port = listen("127.0.0.1:0", &echo);
    EXPECT_EQ(connect({.host = "up.example", .port = port}), "<ping>");
}

TEST_F(Connect, reaches_a_numeric_address) {
    const auto port = listen("[::1]:0", &echo);
    EXPECT_EQ(connect({.host = "::1", .port = port}), "<ping>");
}

TEST_F(Connect, speaks_tls) {
    use_tls("up.example");
    const auto port = listen("127.0.0.1:0", &echo);
    EXPECT_EQ(connect({.host = "up.example", .port = port, .tls = tls_client.get()}), "<ping>");
}

TEST_F(Connect, checks_the_certificate_for_the_host_it_was_given) {
    use_tls("up.example");
    const auto port = listen("127.0.0.1:0", &echo);
    EXPECT_EQ(
        connect({.host = "127.0.0.1", .port = port, .tls = tls_client.get()}),
        "upstream_failed: cannot connect to upstream (the TLS handshake failed: IP address "
        "mismatch)"
    );
}

TEST_F(Connect, says_that_nobody_listens) {
    const Port nobody(INADDR_LOOPBACK);
    EXPECT_EQ(
        connect({.host = "up.example", .port = nobody.number()}),
        "upstream_failed: cannot connect to upstream (127.0.0.1:" +
            std::to_string(nobody.number()) + ": Connection refused)"
    );
}

TEST_F(Connect, says_that_a_name_was_not_found) {
    EXPECT_EQ(
        connect({.host = "down.example", .port = 1}),
        "upstream_failed: cannot connect to upstream (?)"
    );
    EXPECT_EQ(
        connect({.host = "up.example\r\nX: y", .port = 1}),
        "upstream_failed: cannot connect to upstream (not a host name)"
    );
}

TEST_F(Connect, gives_up_at_the_deadline) {
    Port swallowing(INADDR_LOOPBACK);
    swallowing.swallow();
    const auto begin = clock.now();
    EXPECT_EQ(
        connect({.host = "127.0.0.1", .port = swallowing.number()}, 50ms),
        "timed_out: the upstream did not answer in time"
    );
    EXPECT_LT(clock.now() - begin, 2s);
}

TEST_F(Connect, tries_the_next_address_when_one_refuses) {
    answer.insert(answer.begin(), boost::asio::ip::make_address("127.0.0.2"));
    const auto port = listen("127.0.0.1:0", &echo);
    EXPECT_EQ(connect({.host = "up.example", .port = port}), "<ping>");
}

TEST_F(Connect, leaves_time_for_the_next_address_when_one_swallows) {
    Port swallowing(INADDR_LOOPBACK + 1);
    swallowing.swallow();
    answer.insert(answer.begin(), boost::asio::ip::make_address("127.0.0.2"));
    const auto port = listen("127.0.0.1:" + std::to_string(swallowing.number()), &echo);
    EXPECT_EQ(connect({.host = "up.example", .port = port}, 1s), "<ping>");
}

TEST_F(Connect, goes_only_where_it_may) {
    const auto port = listen("127.0.0.1:0", &echo);
    const auto loopback =
        std::make_shared<const net::Networks>(*net::Networks::parse({"127.0.0.0/8", "::1"}));
    EXPECT_EQ(
        connect({.host = "up.example", .port = port, .denied = loopback}),
        "upstream_failed: cannot connect to upstream (its address is in a network of "
        "egress.denied_networks)"
    );
    answer = {boost::asio::ip::make_address("0.0.0.0"), boost::asio::ip::make_address("::")};
    for (const auto* const host : {"up.example", "0.0.0.0", "0", "::", "::ffff:0.0.0.0"}) {
        EXPECT_EQ(
            connect({.host = host, .port = port, .denied = loopback}),
            "upstream_failed: cannot connect to upstream (its address is in a network of "
            "egress.denied_networks)"
        ) << host;
    }
    EXPECT_EQ(
        connect(
            {.host = "127.0.0.1",
             .port = port,
             .proxy = net::Proxy{.host = "up.example", .port = port, .credentials = {}},
             .denied = loopback}
        ),
        "upstream_failed: cannot connect to upstream (its address is in a network of "
        "egress.denied_networks)"
    );
}

constexpr std::string_view expected_request =
    "CONNECT far.example:443 HTTP/1.1\r\nHost: far.example:443\r\n"
    "Proxy-Authorization: Basic dTpw\r\n\r\n";

// A proxy, and what is behind it.
Task<> proxy(net::Stream& stream) {
    EXPECT_EQ(co_await read(stream, expected_request.size()), expected_request);
    EXPECT_TRUE(co_await write(stream, "HTTP/1.1 200 Connec"));
    EXPECT_TRUE(co_await write(stream, "tion established\r\n\r\n"));
    co_await echo(stream);
}

Task<> refusing_proxy(net::Stream& stream) {
    co_await read(stream, expected_request.size());
    EXPECT_TRUE(co_await write(stream, "HTTP/1.1 407 Who are you?\r\n\r\n"));
}

Task<> silent_proxy(net::Stream& stream) {
    co_await read(stream, 1000);
}

class ThroughProxy : public Connect {
protected:
    net::Destination far(std::uint16_t port) {
        return {
            .host = "far.example",
            .port = 443,
            .tls = tls_client.get(),
            .proxy = net::Proxy{.host = "up.example", .port = port, .credentials = "u:p"},
            .denied = {}
        };
    }
};

TEST_F(ThroughProxy, asks_for_a_tunnel_and_speaks_through_it) {
    EXPECT_EQ(connect(far(listen("127.0.0.1:0", &proxy))), "<ping>");
}

std::unique_ptr<net::TlsServer> behind_proxy;

Task<> tls_proxy(net::Stream& stream) {
    EXPECT_EQ(co_await read(stream, expected_request.size()), expected_request);
    EXPECT_TRUE(co_await write(stream, "HTTP/1.1 200 OK\r\n\r\n"));
    stream.start_tls(behind_proxy->new_connection({}));
    co_await echo(stream);
}

TEST_F(ThroughProxy, shakes_hands_with_the_destination_and_not_with_the_proxy) {
    use_tls("far.example");
    behind_proxy = std::move(tls_server);
    EXPECT_EQ(connect(far(listen("127.0.0.1:0", &tls_proxy))), "<ping>");
    behind_proxy.reset();
}

TEST_F(ThroughProxy, says_with_which_status_the_proxy_refused_and_not_in_which_words) {
    EXPECT_EQ(
        connect(far(listen("127.0.0.1:0", &refusing_proxy))),
        "upstream_failed: cannot connect to upstream (the proxy refused the connection: "
        "HTTP 407)"
    );
}

TEST_F(ThroughProxy, gives_up_on_a_silent_proxy_at_the_deadline) {
    EXPECT_EQ(
        connect(far(listen("127.0.0.1:0", &silent_proxy)), 50ms),
        "timed_out: the upstream did not answer in time"
    );
}

}  // namespace
}  // namespace gw::test
