#include "app/routes.hpp"

namespace gw::app {

using enum http::Method;
using enum web::Access;

std::vector<web::Route> routes(const Handlers& handlers) {
    return {
        {{get, post, delete_}, "/mcp", authenticated, handlers.mcp},
        {{get, post, delete_}, "/servers/{id}/mcp", authenticated, handlers.mcp},
        {{get, head}, "/health", open, handlers.alive},
        {{get, head}, "/ready", open, handlers.ready},
    };
}

}  // namespace gw::app
