#pragma once

#include "catalog/listing.hpp"

#include <string_view>

namespace gw::catalog {

// Whether clients can read `entry`, one JSON object of a list of this kind, which has been checked
// as JSON. A client refuses the whole list for one entry that its schema does not allow, and with
// it what all other servers list.
bool is_readable(Kind kind, std::string_view entry);

}  // namespace gw::catalog
