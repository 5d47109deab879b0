#pragma once

#include "async/gate.hpp"
#include "auth/permit.hpp"
#include "upstream/hub/hub.hpp"
#include "upstream/process/spare.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace gw::upstream {

// Processes that were started ahead, for all shards; one shard keeps them. There are
// Limits::process_spares for each server that is wanted, as far as there may be so many processes:
// a spare one ends for whoever needs its place. One that ends by itself is replaced after a pause
// that grows, and nobody else hears of it. close() is awaited before it is destroyed.
class Spares {
public:
    // The servers of which some are to be kept; asked about once a second.
    using Wanted = std::function<std::vector<auth::UpstreamIndex>()>;

    // `hub` is that of the shard that keeps them; both outlive this.
    Spares(Hub& hub, ProcessLimits& processes, Wanted wanted);
    ~Spares();

    // Nothing when there is none. On the shard that keeps them.
    Task<std::optional<Spare>> take(auth::UpstreamIndex upstream);

    // The same on `shard`, any one; does not wait long.
    Task<std::optional<Spare>> take_to(net::Shard& shard, auth::UpstreamIndex upstream);

    Task<> close();

private:
    // Those of one server.
    struct Kept {
        std::vector<std::unique_ptr<SpareProcess>> processes;
        TimePoint next_start;
        std::chrono::milliseconds pause{0};
    };

    void tend();
    Task<> keep(auth::UpstreamIndex upstream, SpareProcess& process);

    Hub& hub_;
    ProcessLimits& processes_;
    Wanted wanted_;
    async::Gate gate_;
    std::map<auth::UpstreamIndex, Kept> kept_;
};

}  // namespace gw::upstream
