#include "web/preflight.hpp"

#include "web/handler.hpp"
#include "web/request.hpp"

#include <string>

namespace gw::web {

int append_preflight(Buffer& out, ReplyHead head, const Request& request) {
    const std::string allow(head.allow);
    const auto lines =
        "Allow: " + allow + "\r\nAccess-Control-Allow-Methods: " + allow +
        "\r\nAccess-Control-Allow-Headers: " + request.handler->allowed_headers(request) +
        "\r\nAccess-Control-Max-Age: 600\r\n";
    head.status = 204;
    head.content_type = {};
    head.more = lines;
    append_head(out, head, 0);
    return head.status;
}

}  // namespace gw::web
