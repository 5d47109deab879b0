#pragma once

#include "async/budget.hpp"
#include "net/shard.hpp"
#include "upstream/ground/config.hpp"
#include "upstream/ground/request_ids.hpp"
#include "upstream/ground/server_log.hpp"

#include <chrono>
#include <cstddef>
#include <string>

namespace gw::upstream {

// What the links of one shard share. It outlives them.
struct LinkResources {
    net::Shard& shard;
    async::Budget& budget;  // Of the bytes that large messages hold.
    const Limits& limits;
    ServerLog log;
    RequestIds request_ids{shard.index()};
    // How long an upstream session that has ended may wait for its turn to tell its server so.
    std::chrono::milliseconds leaving_wait = std::chrono::seconds(30);
    // Until a link that is a makeshift gives way to another; longer each time.
    std::chrono::milliseconds renewal_pause = std::chrono::seconds(30);
    std::string instance = {};  // The id of this gateway, see mcp/route.hpp.
    std::size_t leases = 0;     // How many exist; for the status.
};

}  // namespace gw::upstream
