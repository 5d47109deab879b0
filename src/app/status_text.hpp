#pragma once

#include "base/error.hpp"
#include "gateway/upstream_status.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gw::app {

// How it stands with one worker.
struct WorkerStatus {
    std::size_t connections = 0;
    std::size_t in_flight = 0;  // Requests that are being answered.
    std::size_t sessions = 0;   // Of clients.
    std::size_t streams = 0;    // Event streams of these that can be resumed.
    std::size_t parks = 0;      // Calls that wait for their user's answer, or may have to.
    std::size_t leases = 0;     // Upstream sessions, open or not, and those for listing.
    std::size_t buffered_bytes = 0;
};

// How it stands with a gateway.
struct GatewayStatus {
    std::string address;
    std::vector<WorkerStatus> workers;
    std::vector<gateway::UpstreamStatus> upstreams;
    std::size_t children = 0;  // Processes of upstreams.
    std::size_t spares = 0;    // Those of them that were started ahead.
    TimePoint now;             // What the times of `upstreams` are compared with.
};

// As one line of JSON, with this process's id and number of descriptors. Workers are added up.
std::string status_json(const GatewayStatus& status);

// A table for people, from such a line. Errc::malformed when it is none.
Result<std::string> status_table(std::string_view json);

}  // namespace gw::app
