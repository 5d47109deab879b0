#include "mcp/outgoing.hpp"

#include "mcp/envelope.hpp"
#include "mcp/member.hpp"

#include <string>

namespace gw::mcp {

Splice session_params(const Request& request, std::string_view token) {
    auto params = request.params;
    const bool wants_progress = !request.progress_token.empty();
    if (request.envelope != nullptr && !request.meta.empty()) {
        const auto ours = wants_progress ? token : std::string_view();
        params.rewrite(request.meta, [&](std::string_view meta) {
            return session_meta(meta, ours);
        });
    } else if (wants_progress) {
        params.replace(request.progress_token, std::string(token));
    }
    return params;
}

void move_params(Request& request, std::string_view text) {
    const bool wants_progress = !request.progress_token.empty();
    request.params = text;
    request.meta = member(text, "_meta");
    request.progress_token =
        wants_progress ? member(request.meta, "progressToken") : std::string_view();
}

}  // namespace gw::mcp
