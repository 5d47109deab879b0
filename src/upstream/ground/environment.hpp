#pragma once

#include "async/budget.hpp"
#include "net/shard.hpp"
#include "upstream/ground/config.hpp"
#include "upstream/ground/request_ids.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace gw::upstream {

// What the links of one shard share. It outlives them.
struct Environment {
    net::Shard& shard;
    async::Budget& budget;  // Of the bytes that large messages hold.
    const Limits& limits;
    // Writes a line to the log, which names the upstream.
    std::function<void(std::string_view upstream, std::string_view line)> log;
    RequestIds request_ids{shard.index()};
    // How long an upstream session that has ended may wait for its turn to tell its server so.
    std::chrono::milliseconds leaving_wait = std::chrono::seconds(30);
    std::string instance = {};  // The id of this gateway, see mcp/route.hpp.
    std::size_t leases = 0;     // How many exist; for the status.
};

}  // namespace gw::upstream
