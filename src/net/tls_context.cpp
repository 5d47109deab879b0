#include "net/tls_context.hpp"

#include "base/assert.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <chrono>
#include <sys/stat.h>
#include <utility>

namespace gw::net {

namespace {

// RFC 7301, 3.1: each name after its length.
constexpr std::array<unsigned char, 9> http_1_1{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

std::string openssl_says() {
    std::array<char, 256> text{};
    ERR_error_string_n(ERR_peek_last_error(), text.data(), text.size());
    ERR_clear_error();
    return text.data();
}

// Never asks a terminal.
int no_passphrase(char* /*room*/, int /*size*/, int /*is_writing*/, void* /*context*/) {
    return -1;
}

// RFC 7301, 3.2: a client that offers nothing of ours is refused.
int choose_protocol(
    SSL* /*ssl*/,
    const unsigned char** chosen,
    unsigned char* chosen_size,
    const unsigned char* offered,
    unsigned int offered_size,
    void* /*context*/
) {
    unsigned char* match = nullptr;
    const auto result = SSL_select_next_proto(
        &match, chosen_size, http_1_1.data(), http_1_1.size(), offered, offered_size
    );
    if (result != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
    *chosen = match;
    return SSL_TLSEXT_ERR_OK;
}

TlsContext new_context(const SSL_METHOD* role) {
    TlsContext context(SSL_CTX_new(role));
    GW_ASSERT(context != nullptr);
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(
        context.get(),
        SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
            SSL_MODE_RELEASE_BUFFERS  // An idle connection holds 34 KiB less.
    );
    SSL_CTX_set_read_ahead(context.get(), 1);  // One system call a record instead of two.
    return context;
}

Result<TlsContext> load(const TlsServer::Files& files) {
    auto context = new_context(TLS_server_method());
    auto* raw = context.get();
    SSL_CTX_set_options(raw, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_alpn_select_cb(raw, &choose_protocol, nullptr);
    SSL_CTX_set_default_passwd_cb(raw, &no_passphrase);
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(raw, files.certificate.c_str()) != 1) {
        return fail(
            Errc::unavailable, "cannot use the certificate in " + files.certificate, openssl_says()
        );
    }
    if (SSL_CTX_use_PrivateKey_file(raw, files.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(raw) != 1) {
        return fail(
            Errc::unavailable,
            "the key in " + files.key + " cannot be used with the certificate",
            openssl_says()
        );
    }
    return context;
}

}  // namespace

void FreeTlsContext::operator()(SSL_CTX* context) const {
    SSL_CTX_free(context);
}

Result<std::unique_ptr<TlsServer>> TlsServer::make(Files files, Report report) {
    std::unique_ptr<TlsServer> server(new TlsServer(std::move(files), std::move(report)));
    server->loaded_ = server->version();
    GW_TRY(server->context_, load(server->files_));
    return server;
}

TlsServer::Version TlsServer::version() const {
    Version version{};
    auto* at = version.data();
    for (const auto* path : {&files_.certificate, &files_.key}) {
        struct stat status{};
        ::stat(path->c_str(), &status);  // What is not there counts as zeros.
        *at++ = status.st_mtim.tv_sec;
        *at++ = status.st_mtim.tv_nsec;
        *at++ = static_cast<std::int64_t>(status.st_ino);
        *at++ = status.st_size;
    }
    return version;
}

void TlsServer::reload(TimePoint now) {
    if (now - looked_at_ < std::chrono::seconds(1)) return;
    looked_at_ = now;
    const auto current = version();
    if (current == loaded_) return;
    loaded_ = current;  // A bad pair is reported once.
    auto fresh = load(files_);
    if (fresh) {
        context_ = *std::move(fresh);
    } else if (report_) {
        report_(fresh.error());
    }
}

std::unique_ptr<Tls> TlsServer::new_connection(TimePoint now) {
    const std::lock_guard lock(mutex_);  // A handshake costs ten thousand times more.
    reload(now);
    auto* ssl = SSL_new(context_.get());
    GW_ASSERT(ssl != nullptr);
    SSL_set_accept_state(ssl);
    return std::make_unique<Tls>(ssl);
}

Result<std::unique_ptr<TlsClient>> TlsClient::make(const std::string& authorities_file) {
    auto context = new_context(TLS_client_method());
    auto* raw = context.get();
    ERR_clear_error();
    SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_alpn_protos(raw, http_1_1.data(), http_1_1.size());
    if (SSL_CTX_set_default_verify_paths(raw) != 1) {
        return fail(Errc::unavailable, "the system has no certificate authorities", openssl_says());
    }
    if (!authorities_file.empty() && SSL_CTX_load_verify_file(raw, authorities_file.c_str()) != 1) {
        return fail(
            Errc::unavailable, "cannot use the authorities in " + authorities_file, openssl_says()
        );
    }
    return std::unique_ptr<TlsClient>(new TlsClient(std::move(context)));
}

std::unique_ptr<Tls> TlsClient::new_connection(const std::string& host) const {
    auto* ssl = SSL_new(context_.get());
    GW_ASSERT(ssl != nullptr);
    auto tls = std::make_unique<Tls>(ssl);
    SSL_set_connect_state(ssl);
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    bool is_set = false;
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1) {
        is_set = true;
    } else {
        // RFC 6066, 3: the name is sent, so that the server can choose; an address is not.
        is_set = SSL_set1_host(ssl, host.c_str()) == 1 &&
                 SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
    }
    GW_ASSERT(is_set);
    ERR_clear_error();
    return tls;
}

}  // namespace gw::net
