#pragma once

#include "web/handler.hpp"
#include "web/route.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gw::web {

// The table of routes as an OpenAPI 3.1 document: paths, methods, parameters, and where a token is
// needed. `title` and `version` are those of the program.
std::string describe(
    const std::vector<Route>& routes, std::string_view title, std::string_view version
);

// Answers by a JSON text that does not change.
class Description final : public Handler {
public:
    // Once, before it is asked.
    void set(std::string json) { json_ = std::move(json); }

    Task<> serve(Connection& connection, Request& request) override;

private:
    std::string json_;
};

}  // namespace gw::web
