#include "transport/incoming.hpp"

#include "mcp/revision.hpp"

namespace gw::transport {

bool is_stateless(const web::Request& request) {
    if (!request.attachment.is_empty()) return request.attachment.as<Incoming>().is_stateless;
    if (request.head_size == 0 || !request.head.has(http::Field::mcp_protocol_version))
        return false;
    const auto version = mcp::parse_revision(request.value(http::Field::mcp_protocol_version));
    return version && !features(*version).sessions;
}

}  // namespace gw::transport
