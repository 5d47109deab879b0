#include "app/routes.hpp"

#include "web/health.hpp"
#include "web/router.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gw::test {
namespace {

class Routes : public testing::Test {
protected:
    web::Health some{web::Health::Probe::alive};
    std::vector<web::Route> all = app::routes(
        {.mcp = some, .alive = some, .ready = some, .description = some, .metrics = some}
    );
};

// What needs no token. Whoever adds a line has to mean it.
TEST_F(Routes, these_and_no_others_are_open_to_everybody) {
    std::vector<std::string> open;
    for (const auto& route : all) {
        if (route.access == web::Access::open) open.emplace_back(route.pattern);
    }
    EXPECT_EQ(open, (std::vector<std::string>{"/health", "/ready"}));
}

TEST_F(Routes, none_stands_twice_with_a_method) {
    using enum http::Method;
    for (const auto& one : all) {
        for (const auto& other : all) {
            if (&one == &other || one.pattern != other.pattern) continue;
            for (const auto method : {get, head, post, put, patch, delete_}) {
                EXPECT_FALSE(one.methods.has(method) && other.methods.has(method)) << one.pattern;
            }
        }
    }
}

}  // namespace
}  // namespace gw::test
