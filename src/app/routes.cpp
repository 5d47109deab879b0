#include "app/routes.hpp"

namespace gw::app {

using enum http::Method;
using enum web::Access;

std::vector<web::Route> routes(const Handlers& handlers) {
    return {
        {{get, post, delete_}, "/mcp", authenticated, handlers.mcp, "MCP: all servers together"},
        {{get, post, delete_},
         "/servers/{id}/mcp",
         authenticated,
         handlers.mcp,
         "MCP: one server, or one that is configured of several"},
        {{get, head}, "/health", open, handlers.alive, "Whether the process is alive"},
        {{get, head},
         "/ready",
         open,
         handlers.ready,
         "Whether all servers were listed, and new requests are taken"},
        {{get, head},
         "/openapi.json",
         authenticated,
         handlers.description,
         "What is served: this table (OpenAPI 3.1)"},
        {{get, head},
         "/metrics/prometheus",
         authenticated,
         handlers.metrics,
         "What was counted, for Prometheus"},
    };
}

std::vector<web::Route> metrics_routes(web::Handler& metrics, web::Access access) {
    return {{{get, head}, "/metrics/prometheus", access, metrics, "What was counted"}};
}

}  // namespace gw::app
