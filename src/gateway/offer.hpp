#pragma once

#include "catalog/visible_view.hpp"
#include "session/session.hpp"

#include <string>

namespace gw::gateway {

// The capabilities that a client with these terms is told, as a JSON object: what the servers of
// the view can do together, as far as the gateway relays it. A client hears it once and believes it
// for ever, and a server that is still starting may bring any list; so lists are always offered,
// and a list of nothing is empty. So are logging and completions while no server is known.
std::string offered(const catalog::VisibleView& view, const session::Terms& terms);

// Whether completions are.
bool offers_completions(const catalog::VisibleView& view);

}  // namespace gw::gateway
