#include "net/resolver.hpp"

#include "net/impl/address.hpp"

#include <memory>
#include <netdb.h>
#include <sys/socket.h>
#include <utility>

namespace gw::net {

namespace ip = boost::asio::ip;

Result<Addresses> look_up(const std::string& host) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* raw = nullptr;
    const auto error = ::getaddrinfo(host.c_str(), nullptr, &hints, &raw);
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> found(raw, &::freeaddrinfo);
    if (error != 0) {
        const auto* reason = ::gai_strerror(error);
        return fail(Errc::upstream_failed, "cannot find the host", host + ": " + reason);
    }
    Addresses addresses;
    for (const auto* at = raw; at != nullptr; at = at->ai_next) {
        if (at->ai_family != AF_INET && at->ai_family != AF_INET6) continue;
        if (addresses.size() == Resolver::addresses_max) break;
        addresses.push_back(impl::to_address(*at->ai_addr));
    }
    if (addresses.empty()) return fail(Errc::upstream_failed, "cannot find the host", host);
    return addresses;
}

Resolver::Resolver(Offload& offload) : Resolver(offload, &look_up) {}

Resolver::Resolver(Offload& offload, Lookup lookup)
    : offload_(offload), lookup_(std::move(lookup)) {}

Task<Result<Addresses>> Resolver::resolve(Shard& shard, std::string host) {
    boost::system::error_code error;
    const auto numeric = ip::make_address(host, error);
    if (!error) co_return Addresses{numeric};
    if (auto known = find(host, shard.now()); !known.empty()) co_return known;
    // The look-up may outlive this task, so it owns what it uses.
    GW_CO_TRY(auto addresses, co_await offload_.run<Addresses>(shard, [ask = lookup_, host] {
        return ask(host);
    }));
    remember(host, addresses, shard.now());
    co_return addresses;
}

Addresses Resolver::find(const std::string& host, TimePoint now) {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(host);
    if (found == known_.end() || found->second.until <= now) return {};
    return found->second.addresses;
}

void Resolver::remember(const std::string& host, const Addresses& addresses, TimePoint now) {
    const std::lock_guard lock(mutex_);
    if (known_.size() >= names_max) {
        std::erase_if(known_, [now](const auto& entry) { return entry.second.until <= now; });
    }
    if (known_.size() >= names_max) known_.clear();
    known_[host] = {addresses, now + kept_for};
}

}  // namespace gw::net
