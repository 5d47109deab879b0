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

// Processes that were started ahead, for all shards; one shard keeps them. Each server that is
// wanted has Limits::process_spares, as far as there may be so many processes: a spare one ends
// when another needs its place. One that ends by itself is replaced after a pause that grows, from
// 1 s to 5 min. close() is awaited before it is destroyed, and after nobody calls take_to() any
// more.
class Spares {
public:
    // Tells the servers of which spares are to be kept. It is called about once a second.
    using Wanted = std::function<std::vector<auth::UpstreamNumber>()>;

    // `hub` is that of the shard that keeps them; both outlive this.
    Spares(Hub& hub, ProcessLimits& processes, Wanted wanted);
    ~Spares();

    // Gives one of the server away; nothing when there is none. Called on the shard that keeps
    // them.
    Task<std::optional<Spare>> take(auth::UpstreamNumber upstream);

    // The same, called on `shard`, any one. Nothing also after 2 s without an answer of the other
    // shard.
    Task<std::optional<Spare>> take_to(net::Shard& shard, auth::UpstreamNumber upstream);

    // Ends all that were not given away, and returns when none of them runs any more.
    Task<> close();

private:
    // Those of one server.
    struct Kept {
        ReachedHandle server;
        std::vector<std::unique_ptr<SpareProcess>> processes;
        TimePoint next_start;
        std::chrono::milliseconds pause{0};
    };

    void tend();
    Task<> keep(auth::UpstreamNumber upstream, SpareProcess& process);

    Hub& hub_;
    ProcessLimits& processes_;
    Wanted wanted_;
    async::Gate gate_;
    std::map<auth::UpstreamNumber, Kept> kept_;
};

}  // namespace gw::upstream
