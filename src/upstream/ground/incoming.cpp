#include "upstream/ground/incoming.hpp"

#include "base/json.hpp"
#include "jsonrpc/message.hpp"

#include <utility>

namespace gw::upstream {

using mcp::Part;

std::unexpected<Error> broken_message(const Error& why) {
    return fail(Errc::upstream_failed, "upstream sent a broken message: " + why.text);
}

mcp::Answer to_answer(Slice message, const mcp::Scan& scan) {
    const bool is_error = scan.has(Part::error);
    message.narrow(scan[is_error ? Part::error : Part::result].of(message.view()));
    if (is_error) return mcp::Refused{std::move(message)};
    return mcp::Completed{
        .result = std::move(message),
        .has_related_task = scan.has(Part::result_related_task),
        .too_deep = scan.too_deep
    };
}

mcp::Notification to_notification(
    std::string_view text, const mcp::Scan& scan, std::string& method
) {
    method = json::unquoted(scan[Part::method].of(text));
    return {
        .method = method,
        .params = scan[Part::params].of(text),
        .progress_token = scan[Part::notified_token].of(text),
        .is_of_task = scan.has(Part::related_task) || scan.has(Part::task_id)
    };
}

bool is_of_no_call(std::string_view method) {
    return method.ends_with("/list_changed") || method == "notifications/resources/updated" ||
           method == task_status;
}

namespace {

constexpr int rejected_by_user = -1;  // client/sampling, Error Handling.

void append_failure(Buffer& out, std::string_view id, std::string_view method, Errc kind) {
    if (kind == Errc::capability_missing) {
        jsonrpc::append_error(out, id, -32601, "Method not found", {});
    } else if (kind == Errc::invalid_params) {
        jsonrpc::append_error(out, id, -32602, "The client has not declared this mode", {});
    } else if (kind == Errc::cancelled && method == "elicitation/create") {
        jsonrpc::append_result(out, id, R"({"action":"cancel"})");
    } else if (kind == Errc::cancelled && method == "sampling/createMessage") {
        jsonrpc::append_error(out, id, rejected_by_user, "The user has left", {});
    } else {
        jsonrpc::append_error(out, id, -32603, "The client did not answer", {});
    }
}

}  // namespace

std::string to_response(
    std::string_view id, std::string_view method, const Result<mcp::Answer>& answer
) {
    Buffer out;
    if (!answer) {
        append_failure(out, id, method, answer.error().kind);
    } else if (const auto* refused = std::get_if<mcp::Refused>(&*answer)) {
        out.append(jsonrpc::before_id).append(id);
        out.append(R"(,"error":)").append(refused->error.view()).append("}");
    } else if (const auto* completed = std::get_if<mcp::Completed>(&*answer)) {
        jsonrpc::append_result(out, id, completed->result.view());
    }
    return std::string(out.view());
}

}  // namespace gw::upstream
