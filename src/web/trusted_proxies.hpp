#pragma once

#include "base/error.hpp"
#include "net/networks.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gw::web {

// The proxies that an operator trusts to say whom they pass requests on for.
class TrustedProxies {
public:
    // Each an address or a network, or "unix" for whoever connects over a Unix socket.
    // Errc::invalid_params with the first text that is none.
    static Result<TrustedProxies> parse(const std::vector<std::string>& texts);

    // Whether parse() takes this text.
    static bool is_one(std::string_view text);

    bool is_empty() const { return networks_.is_empty() && !has_unix_; }

    // Whether the other side of a connection is one of them; `peer` as a listener tells it.
    bool has_peer(std::string_view peer) const;

    bool has(const boost::asio::ip::address& address) const {
        return networks_.has_exactly(address);
    }

private:
    net::Networks networks_;
    bool has_unix_ = false;
};

}  // namespace gw::web
