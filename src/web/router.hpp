#pragma once

#include "web/route.hpp"

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gw::web {

// What is served at one path, or at all paths of one pattern.
struct Resource {
    std::vector<std::string_view> segments;  // Of its pattern.
    std::vector<Route> routes;
    std::string allow;  // All methods that it has, as in the header Allow.

    // Null when it has no such method.
    const Route* find(http::Method method) const;
};

// Finds what a path leads to.
class Router {
public:
    // The text of the patterns outlives it. Two routes must not have the same pattern and method.
    explicit Router(const std::vector<Route>& routes);

    // The resource at `path`, which begins with '/'; one slash more at the end makes no difference.
    // Null when there is none. A parameter is never empty, and has no percent escape, so that no
    // one can read it in two ways.
    const Resource* find(std::string_view path, PathParameters& parameters) const;

private:
    std::deque<Resource> resources_;  // They stay where they are.
    std::unordered_map<std::string_view, const Resource*> literal_;
    std::vector<const Resource*> with_parameters_;
};

}  // namespace gw::web
