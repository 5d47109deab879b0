#include "net/tls.hpp"

#include "async/sleep.hpp"
#include "net/tls_context.hpp"
#include "support/certificate.hpp"
#include "support/loopback.hpp"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

namespace gw::test {
namespace {

using namespace std::chrono_literals;

Task<> shake(net::Stream& stream, std::string& outcome) {
    const auto done = co_await stream.handshake();
    outcome = done ? "ok" : done.error().text + " (" + done.error().detail + ")";
    if (!done) stream.close();
}

class Tls : public Loopback {
protected:
    TemporaryFolder folder;
    std::string reported;
    std::unique_ptr<net::TlsServer> server;
    std::string server_says;
    std::string client_says;

    void SetUp() override {
        write_certificate("a.example", folder / "cert", folder / "key");
        auto made =
            net::TlsServer::make({folder / "cert", folder / "key"}, [this](const Error& error) {
                reported += error.text + ";";
            });
        ASSERT_TRUE(made);
        server = *std::move(made);
    }

    std::unique_ptr<net::Tls> client_for(const std::string& host, const std::string& trusted) {
        const auto client = net::TlsClient::make(trusted);
        return (*client)->new_connection(host);  // The connection keeps what it needs.
    }

    // Shakes hands, and gives what the client says of it.
    std::string shake_hands(std::unique_ptr<net::Tls> client_tls, TimePoint now) {
        auto [a, b] = sockets();
        net::Stream at_server(a.take_socket(shard.io()), server->new_connection(now));
        net::Stream at_client(b.take_socket(shard.io()), std::move(client_tls));
        run(both(at_server, at_client));
        return client_says;
    }

    Task<> both(net::Stream& at_server, net::Stream& at_client) {
        async::Gate gate(shard);
        gate.spawn(shake(at_server, server_says));
        co_await shake(at_client, client_says);
        while (gate.running() > 0)
            co_await async::sleep_until(shard, shard.wheel(), shard.now());
    }
};

TEST_F(Tls, shakes_hands_with_a_server_that_is_who_it_should_be) {
    EXPECT_EQ(shake_hands(client_for("a.example", folder / "cert"), {}), "ok");
    EXPECT_EQ(server_says, "ok");
}

TEST_F(Tls, a_client_refuses_another_name) {
    EXPECT_EQ(
        shake_hands(client_for("b.example", folder / "cert"), {}),
        "the TLS handshake failed (hostname mismatch)"
    );
    EXPECT_TRUE(server_says.starts_with("the TLS handshake failed")) << server_says;
}

TEST_F(Tls, a_client_checks_a_numeric_address_as_an_address) {
    write_certificate("127.0.0.1", folder / "cert", folder / "key");
    const auto now = TimePoint() + 1h;
    EXPECT_EQ(shake_hands(client_for("127.0.0.1", folder / "cert"), now), "ok");
    EXPECT_EQ(
        shake_hands(client_for("127.0.0.2", folder / "cert"), now),
        "the TLS handshake failed (IP address mismatch)"
    );
}

TEST_F(Tls, a_client_refuses_a_certificate_that_nobody_vouches_for) {
    EXPECT_EQ(
        shake_hands(client_for("a.example", ""), {}),
        "the TLS handshake failed (self-signed certificate)"
    );
}

// A client with settings of its own, which trusts everybody.
template <typename Set>
std::unique_ptr<net::Tls> odd_client(Set set) {
    const net::TlsContext context(SSL_CTX_new(TLS_client_method()));
    auto* ssl = SSL_new(context.get());
    SSL_set_connect_state(ssl);
    set(ssl);
    return std::make_unique<net::Tls>(ssl);
}

TEST_F(Tls, a_server_speaks_http_1_1_or_nothing) {
    const auto offering = [](std::string_view protocols) {
        return odd_client([protocols](SSL* ssl) {
            const auto* bytes = reinterpret_cast<const unsigned char*>(protocols.data());
            SSL_set_alpn_protos(ssl, bytes, static_cast<unsigned>(protocols.size()));
        });
    };
    EXPECT_EQ(shake_hands(offering("\x02h2\x08http/1.1"), {}), "ok");
    EXPECT_NE(
        shake_hands(offering("\x02h2"), {}).find("no application protocol"), std::string::npos
    );
    EXPECT_EQ(shake_hands(odd_client([](SSL*) {}), {}), "ok") << "a client that offers nothing";
}

TEST_F(Tls, a_server_speaks_tls_1_2_but_nothing_older) {
    const auto at_most = [](int version) {
        return odd_client([version](SSL* ssl) {
            SSL_set_security_level(ssl, 0);
            SSL_set_min_proto_version(ssl, TLS1_VERSION);
            SSL_set_max_proto_version(ssl, version);
        });
    };
    EXPECT_EQ(shake_hands(at_most(TLS1_2_VERSION), {}), "ok");
    shake_hands(at_most(TLS1_1_VERSION), {});
    EXPECT_NE(server_says.find("unsupported protocol"), std::string::npos) << server_says;
}

TEST_F(Tls, reads_a_new_certificate_when_the_files_have_changed) {
    const auto trusts_old = folder / "old";
    std::filesystem::copy(folder / "cert", trusts_old);
    const auto now = TimePoint() + 1h;
    EXPECT_EQ(shake_hands(client_for("a.example", trusts_old), now), "ok");
    write_certificate("a.example", folder / "cert", folder / "key");
    EXPECT_EQ(shake_hands(client_for("a.example", trusts_old), now + 999ms), "ok") << "too early";
    EXPECT_EQ(shake_hands(client_for("a.example", folder / "cert"), now + 1s), "ok");
    EXPECT_EQ(reported, "");
}

TEST_F(Tls, keeps_the_old_certificate_when_the_new_one_is_bad_and_says_so_once) {
    const auto trusts_old = folder / "old";
    std::filesystem::copy(folder / "cert", trusts_old);
    const auto now = TimePoint() + 1h;
    write_certificate("a.example", folder / "cert", folder / "other key");
    EXPECT_EQ(shake_hands(client_for("a.example", trusts_old), now), "ok");
    EXPECT_EQ(shake_hands(client_for("a.example", trusts_old), now + 2s), "ok");
    EXPECT_EQ(reported, "the key in " + folder / "key" + " cannot be used with the certificate;");
    std::filesystem::copy(
        folder / "other key", folder / "key", std::filesystem::copy_options::overwrite_existing
    );
    EXPECT_EQ(shake_hands(client_for("a.example", folder / "cert"), now + 4s), "ok");
}

TEST_F(Tls, says_which_file_cannot_be_used) {
    std::ofstream(folder / "bad") << "no certificate";
    const auto server_of_bad = net::TlsServer::make({folder / "bad", folder / "key"}, {});
    ASSERT_FALSE(server_of_bad);
    EXPECT_EQ(server_of_bad.error().text, "cannot use the certificate in " + folder / "bad");
    const auto client_of_bad = net::TlsClient::make(folder / "missing");
    ASSERT_FALSE(client_of_bad);
    EXPECT_EQ(client_of_bad.error().text, "cannot use the authorities in " + folder / "missing");
}

class TlsBegin : public Tls {
protected:
    Task<> say_first(
        net::Stream& at_server, net::Stream& at_client, std::unique_ptr<net::Tls> tls
    ) {
        EXPECT_TRUE(co_await write(at_client, "plain"));
        EXPECT_EQ(co_await read(at_server, 2), "pl");
        EXPECT_EQ(co_await read(at_server, 3), "ain");
        at_client.start_tls(std::move(tls));
        co_await both(at_server, at_client);
        EXPECT_TRUE(co_await write(at_client, "secret"));
        EXPECT_EQ(co_await read(at_server, 6), "secret");
        co_await at_server.finish();
        co_await at_client.finish();
    }
};

TEST_F(TlsBegin, what_is_read_before_the_handshake_is_plain) {
    auto [a, b] = sockets();
    net::Stream at_server(a.take_socket(shard.io()), server->new_connection(shard.now()));
    net::Stream at_client(b.take_socket(shard.io()));
    run(say_first(at_server, at_client, client_for("a.example", folder / "cert")));
    EXPECT_EQ(client_says, "ok");
    EXPECT_EQ(server_says, "ok");
}

class TlsEnd : public Tls {
protected:
    Task<> cut(net::Stream& at_server, net::Stream& at_client) {
        co_await both(at_server, at_client);
        EXPECT_TRUE(co_await write(at_server, "half of it"));
        boost::system::error_code ignored;
        at_server.socket().close(ignored);  // As a cut line does: TLS says nothing.
        EXPECT_EQ(
            co_await read(at_client, 100), "half of it<upstream_failed: the connection broke>"
        );
        co_await at_client.finish();
    }
};

TEST_F(TlsEnd, an_end_without_goodbye_is_a_failure) {
    auto [a, b] = sockets();
    net::Stream at_server(a.take_socket(shard.io()), server->new_connection({}));
    net::Stream at_client(b.take_socket(shard.io()), client_for("a.example", folder / "cert"));
    run(cut(at_server, at_client));
}

}  // namespace
}  // namespace gw::test
