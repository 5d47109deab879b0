#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/task.hpp"
#include "net/networks.hpp"
#include "net/resolver.hpp"
#include "net/shard.hpp"
#include "net/stream.hpp"
#include "net/tls_context.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace gw::net {

// An HTTP proxy that tunnels to whatever destination it is asked for.
struct Proxy {
    std::string host;
    std::uint16_t port = 0;
    std::string credentials;  // "user:password", or empty.
};

// Where an outgoing connection goes.
struct Destination {
    std::string host;  // A name or a numeric address, without brackets.
    std::uint16_t port = 0;
    std::string path = {};  // Not empty: the Unix socket there, and the host is only for TLS.
    const TlsClient* tls = nullptr;  // Null for a plain connection.
    std::optional<Proxy> proxy = std::nullopt;

    // Where it must not lead; null for nowhere. What counts is what the name resolves to, so a name
    // cannot point to where its owner may not reach. Behind a proxy, which looks the name up
    // itself, only a numeric host is checked.
    std::shared_ptr<const Networks> denied = nullptr;
};

// Whether an open connection to `to` leads to where it must not: its networks may be other ones
// than when it was opened.
bool is_denied(const Destination& to, Stream& stream);

// Opens connections, for all shards.
class Connector {
public:
    explicit Connector(Resolver& resolver) : resolver_(resolver) {}

    // Connects before `when`: looks the host up, tries its addresses in turn, goes through the
    // proxy and shakes hands if the destination says so. Errc::upstream_failed when that cannot be
    // done, with the reason in the detail; timed_out; cancelled.
    Task<Result<std::unique_ptr<Stream>>> connect(
        Shard& shard, const Destination& to, TimePoint when
    );

private:
    Task<Result<std::unique_ptr<Stream>>> open(Shard& shard, const Destination& to, TimePoint when);
    Task<Result<Socket>> connect_host(Shard& shard, const Destination& to, TimePoint when);
    Task<Result<Addresses>> addresses(Shard& shard, const Destination& to);

    Resolver& resolver_;
};

}  // namespace gw::net
