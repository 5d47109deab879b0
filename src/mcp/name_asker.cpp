#include "mcp/name_asker.hpp"

#include "base/json.hpp"
#include "mcp/splice.hpp"

namespace gw::mcp {

std::string name_asker(
    std::string_view method, std::string_view params, std::string_view upstream
) {
    if (method != "elicitation/create") return std::string(params);
    const auto object = json::Object::parse(params);
    const auto message = object ? (*object)["message"] : std::string_view();
    if (!message.starts_with('"')) return std::string(params);
    const auto name = json::quoted("[" + std::string(upstream) + "] ");
    Splice named(params);
    named.replace(message.substr(0, 1), name.substr(0, name.size() - 1));
    return named.str();
}

}  // namespace gw::mcp
