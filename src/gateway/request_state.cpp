#include "gateway/request_state.hpp"

#include "base/json.hpp"
#include "base/text_digest.hpp"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

namespace gw::gateway {

namespace {

// What is sealed: the fixed part as it lies in memory (it comes back to this very process), and
// behind it the upstream's state.
struct Fixed {
    std::uint64_t park;
    std::int64_t expires;
    std::uint32_t round;
    auth::ServerNumber server;
    std::uint16_t shard;
    std::array<unsigned char, 6> unused;
    Digest upstream;
    auth::Owner::Digest owner;
    Digest call;
};

static_assert(std::has_unique_object_representations_v<Fixed>);

std::string pack(const RequestState& state) {
    const Fixed fixed{
        .park = state.park,
        .expires = state.expires.time_since_epoch().count(),
        .round = state.round,
        .server = state.server,
        .shard = state.shard,
        .unused = {},
        .upstream = state.upstream,
        .owner = state.owner,
        .call = state.call
    };
    std::string plain(sizeof fixed, '\0');
    std::memcpy(plain.data(), &fixed, sizeof fixed);
    return plain + state.inner;
}

RequestState unpack(const std::string& plain) {
    Fixed fixed;
    std::memcpy(&fixed, plain.data(), sizeof fixed);
    return {
        .park = fixed.park,
        .round = fixed.round,
        .shard = fixed.shard,
        .server = fixed.server,
        .upstream = fixed.upstream,
        .expires = TimePoint(TimePoint::duration(fixed.expires)),
        .owner = fixed.owner,
        .call = fixed.call,
        .inner = plain.substr(sizeof fixed)
    };
}

}  // namespace

Digest digest_of(std::string_view text) {
    return text_digest<Digest().size()>(text);
}

Digest digest_of_call(std::string_view method, std::string_view params) {
    std::string text(method);
    const auto object = json::Object::parse(params);
    if (!object) return digest_of(text + "\n" + std::string(params));
    auto members = object->members();
    std::ranges::sort(members, {}, &json::Member::name);
    for (const auto& [name, value] : members) {
        if (name == "_meta" || name == "inputResponses" || name == "requestState") continue;
        text.append("\n").append(json::quoted(name)).append(":").append(value);
    }
    return digest_of(text);
}

StateSeal::StateSeal(const Key& secret) : seal_(secret, "bascule requestState") {}

std::string StateSeal::seal(const RequestState& state) const {
    return seal_.seal(pack(state));
}

Result<RequestState> StateSeal::open(std::string_view text) const {
    const auto plain = seal_.open(text);
    if (plain && plain->size() >= sizeof(Fixed)) return unpack(*plain);
    return fail(Errc::invalid_params, "\"requestState\" is not one of ours, or has expired");
}

}  // namespace gw::gateway
