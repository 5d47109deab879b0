#include "transport/pipeline.hpp"

#include <array>

namespace gw::transport {

namespace {

using Step = Result<void> (*)(Endpoint&, Incoming&);

// What a request goes through before its body is read, in this order.
constexpr std::array head_steps{
    &steps::era,           // Whatever refuses after it does so in the words of that revision.
    &steps::capacity,      // Cheapest first: an overloaded gateway looks at nothing else.
    &steps::path,          // What is not here needs no further question.
    &steps::host,          // Before anything that tells the sender something.
    &steps::origin,        // A foreign page learns nothing, not even whether a token is needed.
    &steps::method,        // So that OPTIONS, which carries no token, is answered.
    &steps::draining,      // Health is still answered; it is no step of MCP.
    &steps::authenticate,  // Nobody unknown makes us read a body.
    &steps::server,        // Only who is known learns which virtual servers there are.
    &steps::body_size,     // Refused by its announcement, not after it was read.
    &steps::content_type,
    &steps::accept,
    &steps::protocol_version,
};

}  // namespace

Result<void> check_head(Endpoint& endpoint, Incoming& incoming) {
    for (const auto step : head_steps) {
        if (auto passed = step(endpoint, incoming); !passed) return passed;
    }
    return {};
}

}  // namespace gw::transport
