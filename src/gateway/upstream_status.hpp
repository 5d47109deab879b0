#pragma once

#include "auth/permit.hpp"
#include "base/clock.hpp"
#include "catalog/listing.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace gw::gateway {

// How it stands with one upstream server, by what the catalogue knows of it.
struct UpstreamStatus {
    enum class State : std::uint8_t {
        starting,  // It has never answered, and not failed either.
        ready,     // The last attempt to list it succeeded.
        failing,   // It did not. What it listed before, if anything, still serves.
    };

    // The eras that the server was seen to speak.
    enum class Spoken : std::uint8_t { sessions, stateless, both };

    auth::UpstreamNumber index = 0;
    std::string name;
    State state = State::starting;
    Spoken spoken = Spoken::sessions;                       // Known once it has been listed.
    std::array<std::size_t, catalog::kind_count> counts{};  // What it lists, by kind.
    TimePoint since;                                        // Since when it is in this state.
    std::string last_error;             // Why the last attempt failed, safe to show; or empty.
    std::optional<TimePoint> listed;    // When what clients see of it was fetched.
    std::optional<TimePoint> next_try;  // While it fails.
};

}  // namespace gw::gateway
