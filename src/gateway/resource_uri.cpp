#include "gateway/resource_uri.hpp"

#include "base/json.hpp"

namespace gw::gateway {

Result<void> check_uri(std::string_view uri, std::string_view name) {
    if (uri.size() <= uri_bytes_max) return {};
    const auto limit = std::to_string(uri_bytes_max);
    return fail(Errc::invalid_params, json::quoted(name) + " has at most " + limit + " bytes");
}

Result<std::string> parse_uri(const Call& call, mcp::Part part, std::string_view name) {
    GW_TRY(auto uri, call.string(part, name));
    GW_DO(check_uri(uri, name));
    return uri;
}

}  // namespace gw::gateway
