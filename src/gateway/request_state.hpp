#pragma once

#include "auth/owner.hpp"
#include "auth/permit.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/seal.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace gw::gateway {

// A fixed-size stand-in for a longer text.
using Digest = std::array<unsigned char, 16>;

// What text_digest() makes of it.
Digest digest_of(std::string_view text);

// Of what a call asks for: its method and all members of params but `_meta`, `inputResponses` and
// `requestState`, so that the retry of a call is known to be the same call.
Digest digest_of_call(std::string_view method, std::string_view params);

// What the gateway has to know when a client of the stateless era calls again with the answers to
// an input_required result (2026-07-28, basic/patterns/mrtr). It travels with the client.
struct RequestState {
    static constexpr std::size_t inner_max = 190'000;  // Bytes; a larger one could not be opened.

    std::uint64_t park = 0;   // The parked call that waits for the answers; 0: none does.
    std::uint32_t round = 0;  // Of that call: each state is good for one retry.
    std::uint16_t shard = 0;  // Where it is parked.
    auth::ServerNumber server = 0;
    Digest upstream{};  // Of the name of the server that asks.
    TimePoint expires = {};
    auth::Owner::Digest owner{};
    Digest call{};
    std::string inner = {
    };  // The upstream's own requestState, a JSON string; empty when it gave none.

    bool operator==(const RequestState&) const = default;
};

// Makes states that clients can neither read nor forge, under a key of this process.
class StateSeal {
public:
    using Key = Seal::Key;

    // `secret` is shared with other seals: the key is derived from it.
    explicit StateSeal(const Key& secret);

    // Another text each time, also for the same state.
    std::string seal(const RequestState& state) const;

    // Errc::invalid_params for anything that seal() did not make.
    Result<RequestState> open(std::string_view text) const;

private:
    Seal seal_;
};

}  // namespace gw::gateway
