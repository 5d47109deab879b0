#include "web/trusted_proxies.hpp"

#include <algorithm>

namespace gw::web {

namespace ip = boost::asio::ip;

namespace {

constexpr std::string_view unix_peer = "unix";

}  // namespace

Result<TrustedProxies> TrustedProxies::parse(const std::vector<std::string>& texts) {
    TrustedProxies proxies;
    auto networks = texts;
    proxies.has_unix_ = std::erase(networks, unix_peer) > 0;
    GW_TRY(proxies.networks_, net::Networks::parse(networks));
    return proxies;
}

bool TrustedProxies::is_one(std::string_view text) {
    return text == unix_peer || net::Networks::is_network(text);
}

bool TrustedProxies::has_peer(std::string_view peer) const {
    if (is_empty()) return false;
    if (peer == unix_peer) return has_unix_;
    boost::system::error_code is_other;
    const auto address = ip::make_address(peer, is_other);
    return !is_other && has(address);
}

}  // namespace gw::web
