#pragma once

#include "base/error.hpp"

namespace gw::transport {

// How one kind of failure looks to a client of the session era.
struct Wire {
    int status;  // Of HTTP, when the answer is not yet a stream.
    int code;    // Of JSON-RPC.
};

// The one place that knows these numbers.
Wire on_wire(Errc kind);

}  // namespace gw::transport
