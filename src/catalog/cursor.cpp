#include "catalog/cursor.hpp"

#include <cstring>
#include <sodium.h>
#include <vector>

namespace gw::catalog {

namespace {

constexpr std::size_t nonce_size = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_size = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t plain_size = 13;
constexpr std::size_t sealed_size = nonce_size + plain_size + tag_size;
constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

using Plain = std::array<unsigned char, plain_size>;

Plain pack(const Position& position) {
    Plain plain;
    plain[0] = static_cast<unsigned char>(position.kind);
    std::memcpy(&plain[1], &position.generation, 8);
    std::memcpy(&plain[9], &position.offset, 4);
    return plain;
}

Position unpack(const Plain& plain) {
    Position position;
    position.kind = static_cast<Kind>(plain[0]);
    std::memcpy(&position.generation, &plain[1], 8);
    std::memcpy(&position.offset, &plain[9], 4);
    return position;
}

}  // namespace

std::string CursorSeal::seal(const Position& position) const {
    const auto plain = pack(position);
    std::array<unsigned char, sealed_size> sealed;
    // The nonce is a keyed hash of what it seals: equal only for equal positions.
    crypto_generichash(
        sealed.data(), nonce_size, plain.data(), plain.size(), key_.data(), key_.size()
    );
    unsigned long long size = 0;
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        &sealed[nonce_size],
        &size,
        plain.data(),
        plain.size(),
        nullptr,
        0,
        nullptr,
        sealed.data(),
        key_.data()
    );
    std::string text(sodium_base64_ENCODED_LEN(sealed_size, variant), '\0');
    sodium_bin2base64(text.data(), text.size(), sealed.data(), sealed.size(), variant);
    text.resize(std::strlen(text.c_str()));
    return text;
}

Result<Position> CursorSeal::open(std::string_view cursor) const {
    const auto invalid =
        fail(Errc::invalid_params, "\"cursor\" is not one of ours, or has expired");
    std::array<unsigned char, sealed_size> sealed;
    std::size_t size = 0;
    const auto decoded = sodium_base642bin(
        sealed.data(), sealed.size(), cursor.data(), cursor.size(), nullptr, &size, nullptr, variant
    );
    if (decoded != 0 || size != sealed_size) return invalid;
    Plain plain;
    unsigned long long plain_length = 0;
    const auto opened = crypto_aead_xchacha20poly1305_ietf_decrypt(
        plain.data(),
        &plain_length,
        nullptr,
        &sealed[nonce_size],
        sealed_size - nonce_size,
        nullptr,
        0,
        sealed.data(),
        key_.data()
    );
    if (opened != 0) return invalid;
    return unpack(plain);
}

}  // namespace gw::catalog
