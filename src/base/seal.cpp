#include "base/seal.hpp"

#include <sodium.h>
#include <utility>

namespace gw {

namespace {

constexpr std::size_t nonce_size = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_size = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t text_max = std::size_t{256} * 1024;
constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

}  // namespace

Seal::Seal(const Key& secret, std::string_view purpose) {
    crypto_generichash(
        key_.data(), key_.size(), bytes_of(purpose), purpose.size(), secret.data(), secret.size()
    );
    constexpr std::string_view nonce_purpose = "nonce";
    crypto_generichash(
        nonce_key_.data(),
        nonce_key_.size(),
        bytes_of(nonce_purpose),
        nonce_purpose.size(),
        key_.data(),
        key_.size()
    );
}

std::string Seal::seal(std::string_view plain) const {
    std::string nonce(nonce_size, '\0');
    randombytes_buf(nonce.data(), nonce_size);
    return seal_with(std::move(nonce), plain);
}

std::string Seal::seal_alike(std::string_view plain) const {
    std::string nonce(nonce_size, '\0');
    crypto_generichash(
        bytes_of(nonce),
        nonce_size,
        bytes_of(plain),
        plain.size(),
        nonce_key_.data(),
        nonce_key_.size()
    );
    return seal_with(std::move(nonce), plain);
}

// `sealed` begins with the nonce, which is all of it here.
std::string Seal::seal_with(std::string sealed, std::string_view plain) const {
    sealed.resize(nonce_size + plain.size() + tag_size);
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

std::optional<std::string> Seal::open(std::string_view text) const {
    if (text.size() > text_max) return {};
    std::string sealed(text.size(), '\0');
    std::size_t size = 0;
    const auto decoded = sodium_base642bin(
        bytes_of(sealed), sealed.size(), text.data(), text.size(), nullptr, &size, nullptr, variant
    );
    if (decoded != 0 || size < nonce_size + tag_size) return {};
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
    if (opened != 0) return {};
    return plain;
}

}  // namespace gw
