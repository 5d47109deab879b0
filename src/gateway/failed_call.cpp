#include "gateway/failed_call.hpp"

#include "base/json.hpp"

namespace gw::gateway {

mcp::Answer failed_call(std::string_view method, std::string_view text) {
    if (method != "tools/call") {
        return mcp::Refused{Slice(R"({"code":-32603,"message":)" + json::quoted(text) + "}")};
    }
    return mcp::Completed{
        Slice(
            R"({"content":[{"type":"text","text":)" + json::quoted(text) + R"(}],"isError":true})"
        ),
        {}
    };
}

}  // namespace gw::gateway
