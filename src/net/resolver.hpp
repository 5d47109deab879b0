#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/task.hpp"
#include "net/offload.hpp"
#include "net/shard.hpp"

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace gw::net {

using Addresses = std::vector<boost::asio::ip::address>;

// Asks the system for a name's addresses; blocks.
Result<Addresses> look_up(const std::string& host);

// Host names to addresses. What was found is remembered for a while, for all shards; what was not
// found is not. Look-ups block, so they run on `offload`.
class Resolver {
public:
    static constexpr std::chrono::seconds kept_for{30};
    static constexpr std::size_t names_max = 1024;
    static constexpr std::size_t addresses_max = 8;  // Of one name; more would not be tried.

    using Lookup = std::function<Result<Addresses>(const std::string& host)>;

    explicit Resolver(Offload& offload);
    Resolver(Offload& offload, Lookup lookup);

    // At least one address, in the order in which they should be tried. A numeric `host` is its
    // own address.
    Task<Result<Addresses>> resolve(Shard& shard, std::string host);

private:
    struct Known {
        Addresses addresses;
        TimePoint until;
    };

    Addresses find(const std::string& host, TimePoint now);
    void remember(const std::string& host, const Addresses& addresses, TimePoint now);

    Offload& offload_;
    const Lookup lookup_;
    std::mutex mutex_;
    std::unordered_map<std::string, Known> known_;  // Protected by mutex_.
};

}  // namespace gw::net
