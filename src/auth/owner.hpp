#pragma once

#include <array>
#include <string>
#include <string_view>

namespace gw::auth {

// Whom something belongs to: one subject of one issuer. All tokens of a user have the same owner,
// whatever they are called, and users of two issuers never do.
class Owner {
public:
    using Digest = std::array<unsigned char, 32>;

    // Nobody.
    Owner() = default;

    Owner(std::string issuer, std::string subject);

    const std::string& issuer() const { return issuer_; }

    const std::string& subject() const { return subject_; }

    // A hash of both (BLAKE2b), the same on every node and after every restart. Two owners with one
    // digest are not found by trying.
    const Digest& digest() const { return digest_; }

    // The digest as a text, for limits that count by name. It is for no reader.
    std::string_view key() const {
        return {reinterpret_cast<const char*>(digest_.data()), digest_.size()};
    }

    bool operator==(const Owner& other) const { return digest_ == other.digest_; }

private:
    std::string issuer_;
    std::string subject_;
    Digest digest_{};
};

}  // namespace gw::auth
