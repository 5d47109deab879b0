#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "net/tls.hpp"

#include <openssl/types.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace gw::net {

// Gives a context back to OpenSSL, which counts its users.
struct FreeTlsContext {
    void operator()(SSL_CTX* context) const;
};

using TlsContext = std::unique_ptr<SSL_CTX, FreeTlsContext>;

// What every TLS connection that we accept has in common: TLS 1.2 or newer, HTTP/1.1, and the
// certificate, which is read again when its files change. All shards use the same one, so that a
// session ticket is good for each of them.
class TlsServer {
public:
    struct Files {
        std::string certificate;  // PEM: ours first, then the chain.
        std::string key;          // PEM, without a passphrase.
    };

    // `report` is told, from any shard's thread, of changed files that cannot be used; the pair
    // read before stays in use then. It may be empty, and must not come back to this object.
    using Report = std::function<void(const Error&)>;

    // Reads the pair. Fails when a file cannot be read, or the key is not that of the certificate.
    static Result<std::unique_ptr<TlsServer>> make(Files files, Report report);

    // For one accepted connection. `now` is the shard's time: once a second the files are looked
    // at.
    std::unique_ptr<Tls> new_connection(TimePoint now);

private:
    // Time of change (seconds and nanoseconds), inode and size of the two files.
    using Version = std::array<std::int64_t, 8>;

    TlsServer(Files files, Report report) : files_(std::move(files)), report_(std::move(report)) {}

    Version version() const;
    void reload(TimePoint now);

    // Constant after construction.
    Files files_;
    Report report_;

    // State below is protected by mutex_.
    std::mutex mutex_;
    TlsContext context_;
    Version loaded_{};
    TimePoint looked_at_;
};

// What every TLS connection that we open has in common: TLS 1.2 or newer, HTTP/1.1, and whom to
// trust: the authorities of the system and those of one more file. Immutable, for all shards.
class TlsClient {
public:
    // `authorities_file` is PEM, or empty.
    static Result<std::unique_ptr<TlsClient>> make(const std::string& authorities_file);

    // For one connection. Its handshake fails unless the certificate is for `host`, a name or a
    // numeric address.
    std::unique_ptr<Tls> new_connection(const std::string& host) const;

private:
    explicit TlsClient(TlsContext context) : context_(std::move(context)) {}

    TlsContext context_;
};

}  // namespace gw::net
