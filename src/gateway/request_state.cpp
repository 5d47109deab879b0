#include "gateway/request_state.hpp"

#include "base/json.hpp"

#include <algorithm>
#include <cstring>
#include <sodium.h>
#include <utility>
#include <vector>

namespace gw::gateway {

namespace {

constexpr std::size_t nonce_size = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_size = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t sealed_max = std::size_t{256} * 1024;
constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

// What is sealed: the fixed part as it lies in memory (it comes back to this very process), and
// behind it the upstream's state.
struct Fixed {
    std::uint64_t park;
    std::int64_t expires;
    std::uint32_t round;
    std::uint16_t shard;
    std::uint16_t server;
    std::uint16_t upstream;
    std::array<unsigned char, 6> unused;
    Digest principal;
    Digest call;
};

static_assert(std::has_unique_object_representations_v<Fixed>);

const unsigned char* bytes_of(const std::string& text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

std::string pack(const RequestState& state) {
    const Fixed fixed{
        .park = state.park,
        .expires = state.expires.time_since_epoch().count(),
        .round = state.round,
        .shard = state.shard,
        .server = state.server,
        .upstream = state.upstream,
        .unused = {},
        .principal = state.principal,
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
        .principal = fixed.principal,
        .call = fixed.call,
        .inner = plain.substr(sizeof fixed)
    };
}

}  // namespace

Digest digest_of(std::string_view text) {
    Digest digest;
    crypto_generichash(
        digest.data(),
        digest.size(),
        reinterpret_cast<const unsigned char*>(text.data()),
        text.size(),
        nullptr,
        0
    );
    return digest;
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

StateSeal::StateSeal(const Key& secret) {
    constexpr std::string_view purpose = "bascule requestState";
    crypto_generichash(
        key_.data(),
        key_.size(),
        reinterpret_cast<const unsigned char*>(purpose.data()),
        purpose.size(),
        secret.data(),
        secret.size()
    );
}

std::string StateSeal::seal(const RequestState& state) const {
    const auto plain = pack(state);
    std::string sealed(nonce_size + plain.size() + tag_size, '\0');
    randombytes_buf(sealed.data(), nonce_size);
    unsigned long long size = 0;
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        bytes_of(sealed) + nonce_size,
        &size,
        bytes_of(plain),
        plain.size(),
        nullptr,
        0,
        nullptr,
        bytes_of(sealed),
        key_.data()
    );
    std::string text(sodium_base64_ENCODED_LEN(sealed.size(), variant), '\0');
    sodium_bin2base64(text.data(), text.size(), bytes_of(sealed), sealed.size(), variant);
    text.pop_back();  // The NUL.
    return text;
}

Result<RequestState> StateSeal::open(std::string_view text) const {
    const auto invalid =
        fail(Errc::invalid_params, "\"requestState\" is not one of ours, or has expired");
    if (text.size() > sealed_max) return invalid;
    std::string sealed(text.size(), '\0');
    std::size_t size = 0;
    const auto decoded = sodium_base642bin(
        bytes_of(sealed), sealed.size(), text.data(), text.size(), nullptr, &size, nullptr, variant
    );
    if (decoded != 0 || size < nonce_size + sizeof(Fixed) + tag_size) return invalid;
    std::string plain(size - nonce_size - tag_size, '\0');
    const auto opened = crypto_aead_xchacha20poly1305_ietf_decrypt(
        bytes_of(plain),
        nullptr,
        nullptr,
        bytes_of(sealed) + nonce_size,
        size - nonce_size,
        nullptr,
        0,
        bytes_of(sealed),
        key_.data()
    );
    if (opened != 0) return invalid;
    return unpack(plain);
}

}  // namespace gw::gateway
