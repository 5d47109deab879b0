#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <string_view>

namespace gw::auth {

struct Principal;

// What can be done to an object.
enum class Action : std::uint8_t { list, read, invoke };

// Which upstream server an object lives on, as it is configured now. A server that is configured
// anew gets another number, and none is used twice: what was meant for one never reaches another.
using UpstreamNumber = std::uint32_t;

// The same for a virtual server; one keeps its number for as long as its id is configured.
using ServerNumber = std::uint32_t;

// The part of an object that decides who may touch it, and where it lives.
struct Object {
    std::string_view name;  // For the text of a refusal; must outlive the permit's making only.
    UpstreamNumber upstream = 0;
};

// Proof that a principal may do one thing to one object. Only authorize() makes one, and whatever
// touches the object asks for one and takes from it what to touch: a forgotten check does not
// compile, and a check of something else cannot be used.
class Permit {
public:
    UpstreamNumber upstream() const { return upstream_; }

private:
    friend Result<Permit> authorize(const Principal& who, Action what, const Object& target);

    explicit Permit(UpstreamNumber upstream) : upstream_(upstream) {}

    UpstreamNumber upstream_;
};

// Denial is Errc::not_found, not "forbidden": a caller must not learn which names exist. Every
// authenticated principal may use what its virtual server shows, for every action: a view holds
// nothing else.
Result<Permit> authorize(const Principal& who, Action what, const Object& target);

}  // namespace gw::auth
