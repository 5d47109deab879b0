#include "jsonrpc/message.hpp"

#include "base/json.hpp"

namespace gw::jsonrpc {

namespace {

constexpr std::string_view head = R"({"jsonrpc":"2.0")";

// The rest of a response behind its id: JSON-RPC 2.0, section 5.1.
void append_error_member(Buffer& out, int code, std::string_view message, std::string_view data) {
    out.append(R"(,"error":{"code":)").append(std::to_string(code));
    out.append(R"(,"message":)").append(json::quoted(message));
    if (!data.empty()) out.append(R"(,"data":)").append(data);
    out.append("}}");
}

void append_method(std::string& out, std::string_view method, std::string_view params) {
    out.append(R"(,"method":)").append(json::quoted(method));
    if (!params.empty()) out.append(R"(,"params":)").append(params);
    out.push_back('}');
}

}  // namespace

void append_result(Buffer& out, std::string_view id, std::string_view result) {
    out.append(before_id).append(id);
    out.append(R"(,"result":)").append(result).append("}");
}

void append_error(
    Buffer& out, std::string_view id, int code, std::string_view message, std::string_view data
) {
    out.append(before_id).append(id.empty() ? "null" : id);
    append_error_member(out, code, message, data);
}

void append_error_without_id(
    Buffer& out, int code, std::string_view message, std::string_view data
) {
    out.append(head);
    append_error_member(out, code, message, data);
}

std::string notification(std::string_view method, std::string_view params) {
    std::string message(head);
    append_method(message, method, params);
    return message;
}

std::string request(std::string_view id, std::string_view method, std::string_view params) {
    std::string message(before_id);
    message.append(id);
    append_method(message, method, params);
    return message;
}

}  // namespace gw::jsonrpc
