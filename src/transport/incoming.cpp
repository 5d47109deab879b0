#include "transport/incoming.hpp"

namespace gw::transport {

std::optional<mcp::Revision> revision_of(const web::Request& request) {
    if (!request.head.has(http::Field::mcp_protocol_version)) return {};
    return mcp::parse_revision(request.value(http::Field::mcp_protocol_version));
}

bool is_stateless(const web::Request& request) {
    if (!request.attachment.is_empty()) return request.attachment.as<Incoming>().is_stateless;
    if (request.head_size == 0) return false;
    const auto revision = revision_of(request);
    return revision && !features(*revision).sessions;
}

}  // namespace gw::transport
