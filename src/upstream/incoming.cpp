#include "upstream/incoming.hpp"

#include "base/json.hpp"
#include "jsonrpc/message.hpp"

#include <utility>

namespace gw::upstream {

using mcp::Part;

mcp::Answer to_answer(Slice message, const mcp::Scan& scan) {
    const bool is_error = scan.has(Part::error);
    message.narrow(scan[is_error ? Part::error : Part::result].of(message.view()));
    if (is_error) return mcp::Refused{std::move(message)};
    return mcp::Completed{std::move(message), {}};
}

mcp::Notification to_notification(
    std::string_view text, const mcp::Scan& scan, std::string& method
) {
    method = json::unquoted(scan[Part::method].of(text));
    return {
        .method = method,
        .params = scan[Part::params].of(text),
        .progress_token = scan[Part::notified_token].of(text)
    };
}

std::string to_response(std::string_view id, const Result<mcp::Answer>& answer) {
    Buffer out;
    if (!answer) {
        const bool is_unable = answer.error().kind == Errc::capability_missing;
        jsonrpc::append_error(
            out,
            id,
            is_unable ? -32601 : -32603,
            is_unable ? "Method not found" : "The client did not answer",
            {}
        );
    } else if (const auto* refused = std::get_if<mcp::Refused>(&*answer)) {
        out.append(R"({"jsonrpc":"2.0","id":)").append(id);
        out.append(R"(,"error":)").append(refused->error.view()).append("}");
    } else if (const auto* completed = std::get_if<mcp::Completed>(&*answer)) {
        jsonrpc::append_result(out, id, completed->result.view());
    }
    return std::string(out.view());
}

}  // namespace gw::upstream
