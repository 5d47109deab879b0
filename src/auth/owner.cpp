#include "auth/owner.hpp"

#include <sodium.h>
#include <utility>

namespace gw::auth {

namespace {

// The size comes first, so that no two pairs are one text.
Owner::Digest digest_of(std::string_view issuer, std::string_view subject) {
    auto text = std::to_string(issuer.size()) + ":";
    text.append(issuer).append(subject);
    Owner::Digest digest;
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

}  // namespace

Owner::Owner(std::string issuer, std::string subject)
    : issuer_(std::move(issuer)),
      subject_(std::move(subject)),
      digest_(digest_of(issuer_, subject_)) {}

}  // namespace gw::auth
