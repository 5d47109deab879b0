#include "net/tls.hpp"

#include "base/assert.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <cerrno>
#include <string>
#include <sys/socket.h>
#include <system_error>

namespace gw::net {

namespace {

int descriptor_of(BIO* bio) {
    return *static_cast<const int*>(BIO_get_data(bio));
}

bool is_temporary(int error) {
    return error == EAGAIN || error == EINTR;
}

int receive(BIO* bio, char* data, int size) {
    BIO_clear_retry_flags(bio);
    const auto got = ::recv(descriptor_of(bio), data, static_cast<std::size_t>(size), 0);
    if (got == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    if (got < 0 && is_temporary(errno)) BIO_set_retry_read(bio);
    return static_cast<int>(got);
}

int send(BIO* bio, const char* data, int size) {
    BIO_clear_retry_flags(bio);
    const auto size_bytes = static_cast<std::size_t>(size);
    const auto sent = ::send(descriptor_of(bio), data, size_bytes, MSG_NOSIGNAL);
    if (sent < 0 && is_temporary(errno)) BIO_set_retry_write(bio);
    return static_cast<int>(sent);
}

long control(BIO* bio, int command, long /*number*/, void* /*pointer*/) {
    switch (command) {
        case BIO_CTRL_FLUSH: return 1;
        case BIO_CTRL_EOF: return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
        default: return 0;
    }
}

// OpenSSL's own socket BIO would raise SIGPIPE.
BIO_METHOD* make_method() {
    auto* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "descriptor");
    GW_ASSERT(method != nullptr);
    BIO_meth_set_read(method, &receive);
    BIO_meth_set_write(method, &send);
    BIO_meth_set_ctrl(method, &control);
    return method;
}

std::string openssl_says() {
    std::array<char, 256> text{};
    const auto code = ERR_peek_last_error();
    if (code == 0) return errno == 0 ? "no reason" : std::generic_category().message(errno);
    ERR_error_string_n(code, text.data(), text.size());
    return text.data();
}

// RFC 8446, 5.1: a record begins with its type, and a client's first is a handshake. What is none
// stays unread.
Result<Tls::Need> await_client(const SSL* ssl, int descriptor) {
    if (SSL_is_server(ssl) == 0 || SSL_in_before(ssl) == 0) return Tls::Need::nothing;
    constexpr char handshake_record = 22;
    char first = 0;
    const auto got = ::recv(descriptor, &first, 1, MSG_PEEK);
    if (got < 0 && is_temporary(errno)) return Tls::Need::readable;
    if (got == 1 && first != handshake_record) {
        return fail(Errc::malformed, "plain HTTP was sent to a port that speaks TLS");
    }
    return Tls::Need::nothing;
}

}  // namespace

void Tls::Free::operator()(SSL* ssl) const {
    SSL_free(ssl);
}

Tls::Tls(SSL* ssl) : ssl_(ssl) {
    GW_ASSERT(ssl != nullptr);
}

Tls::~Tls() = default;

void Tls::attach(int descriptor) {
    static BIO_METHOD* const method = make_method();
    auto* bio = BIO_new(method);
    GW_ASSERT(bio != nullptr);
    descriptor_ = descriptor;
    BIO_set_data(bio, &descriptor_);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
}

Result<Tls::Step> Tls::handshake() {
    GW_TRY(const auto needed, await_client(ssl_.get(), descriptor_));
    if (needed != Need::nothing) return Step{needed, 0};
    ERR_clear_error();
    errno = 0;
    auto step = outcome(SSL_do_handshake(ssl_.get()), 0, "the TLS handshake failed");
    const auto verdict = SSL_get_verify_result(ssl_.get());
    if (!step && verdict != X509_V_OK) step.error().detail = X509_verify_cert_error_string(verdict);
    return step;
}

bool Tls::has_begun() const {
    return SSL_in_before(ssl_.get()) == 0;
}

Result<Tls::Step> Tls::read(std::span<char> room) {
    ERR_clear_error();
    errno = 0;
    std::size_t bytes = 0;
    const auto result = SSL_read_ex(ssl_.get(), room.data(), room.size(), &bytes);
    return outcome(result, bytes, "the connection broke");
}

Result<Tls::Step> Tls::peek() {
    ERR_clear_error();
    errno = 0;
    std::size_t bytes = 0;
    char byte = 0;
    const auto result = SSL_peek_ex(ssl_.get(), &byte, 1, &bytes);
    return outcome(result, bytes, "the connection broke");
}

Result<Tls::Step> Tls::write(std::string_view bytes) {
    ERR_clear_error();
    errno = 0;
    std::size_t written = 0;
    const auto result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written);
    GW_TRY(const auto step, outcome(result, written, "the connection broke"));
    // Renegotiation is off, so a write that waits for the other side means a missing handshake.
    if (step.need == Need::readable) return fail(Errc::internal, "TLS was not set up");
    return step;
}

Result<Tls::Step> Tls::outcome(int result, std::size_t bytes, std::string_view what) {
    switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_NONE: return Step{Need::nothing, bytes};
        case SSL_ERROR_ZERO_RETURN: return Step{Need::nothing, 0};
        case SSL_ERROR_WANT_READ: return Step{Need::readable, 0};
        case SSL_ERROR_WANT_WRITE: return Step{Need::writable, 0};
        default: break;
    }
    is_broken_ = true;
    auto detail = openssl_says();
    ERR_clear_error();
    return fail(Errc::upstream_failed, std::string(what), std::move(detail));
}

bool Tls::has_buffered() const {
    return SSL_has_pending(ssl_.get()) == 1;
}

// RFC 8446, 6.1: close_notify before the write side is closed. After a fatal error, and before the
// handshake is through, it must not be sent.
void Tls::close() {
    if (is_broken_ || SSL_is_init_finished(ssl_.get()) == 0) return;
    if ((SSL_get_shutdown(ssl_.get()) & SSL_SENT_SHUTDOWN) != 0) return;
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
}

}  // namespace gw::net
