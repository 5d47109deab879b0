#pragma once

#include "catalog/listing.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gw::catalog {

// `entry`, one JSON object of a list of this kind, which has been checked as JSON, as clients can
// read it; nothing when what they cannot read is required. A client refuses the whole list for one
// entry that its schema does not allow, and with it what all other servers list. So an optional
// member that it would refuse is taken out, alone, and so is one that is null: many servers write
// so what they do not have.
std::optional<std::string> readable(Kind kind, std::string_view entry);

// Which member of an entry that clients could not read is wrong.
std::string why_unreadable(Kind kind, std::string_view entry);

}  // namespace gw::catalog
