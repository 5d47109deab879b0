#include "gateway/call.hpp"

#include "base/json.hpp"

namespace gw::gateway {

Result<std::string> Call::string(mcp::Part which, std::string_view name) const {
    const auto value = part(which);
    if (value.size() < 2 || value.front() != '"') {
        return fail(Errc::invalid_params, json::quoted(name) + " must be a string");
    }
    if (!json::is_unicode(value)) {
        return fail(Errc::invalid_params, json::quoted(name) + " has an unpaired surrogate");
    }
    return json::unquoted(value);
}

Result<void> Call::connect(const auth::Permit& permit) {
    GW_TRY(server, session.upstreams->connect(permit));
    return {};
}

}  // namespace gw::gateway
