#pragma once

#include <string>
#include <string_view>

namespace gw::mcp {

// The params of a question to a user, with the name of the server that asks in front of its
// message: a client behind the gateway sees one server, and its user has to know which of many it
// is (client/elicitation, User Interaction Model). What is no elicitation stays as it is.
std::string name_asker(std::string_view method, std::string_view params, std::string_view upstream);

}  // namespace gw::mcp
