#pragma once

#include "app/endpoint_choice.hpp"
#include "base/error.hpp"
#include "base/task.hpp"
#include "upstream/lease/lease.hpp"

#include <functional>

namespace gw::app {

// Something that a command does as a client.
using ClientWork = std::function<Task<Result<void>>(upstream::Lease& server)>;

// Connects to the endpoint as any client does, with a session; does `work`, and leaves. Returns
// when all that is over.
Result<void> do_as_client(const ChosenEndpoint& endpoint, const ClientWork& work);

}  // namespace gw::app
