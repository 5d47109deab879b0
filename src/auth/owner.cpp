#include "auth/owner.hpp"

#include "base/text_digest.hpp"

#include <utility>

namespace gw::auth {

namespace {

// The size comes first, so that no two pairs are one text.
Owner::Digest digest_of(std::string_view issuer, std::string_view subject) {
    auto text = std::to_string(issuer.size()) + ":";
    text.append(issuer).append(subject);
    return text_digest<Owner::Digest().size()>(text);
}

}  // namespace

Owner::Owner(std::string issuer, std::string subject)
    : issuer_(std::move(issuer)),
      subject_(std::move(subject)),
      digest_(digest_of(issuer_, subject_)) {}

}  // namespace gw::auth
