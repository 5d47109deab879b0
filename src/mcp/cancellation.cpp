#include "mcp/cancellation.hpp"

#include "base/json.hpp"
#include "base/unicode.hpp"

namespace gw::mcp {

std::string cancelled_reason(std::string_view reason) {
    if (!reason.starts_with('"')) return {};
    return std::string(utf8_prefix(json::unquoted(reason), reason_bytes_max));
}

std::string cancelled_params(std::string_view id, std::string_view reason) {
    auto text = R"({"requestId":)" + std::string(id);
    if (!reason.empty()) text += ",\"reason\":" + json::quoted(reason);
    return text + "}";
}

}  // namespace gw::mcp
