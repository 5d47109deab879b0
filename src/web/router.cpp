#include "web/router.hpp"

#include "web/method_names.hpp"

#include <algorithm>
#include <optional>
#include <ranges>

namespace gw::web {

namespace {

using http::Method;

std::string_view without_slash(std::string_view path) {
    if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    return path;
}

// Of a path or pattern without the slash at its end.
std::vector<std::string_view> segments_of(std::string_view path) {
    std::vector<std::string_view> segments;
    for (const auto part : std::views::split(path.substr(1), '/'))
        segments.emplace_back(part.begin(), part.end());
    return segments;
}

bool is_parameter(std::string_view segment) {
    return segment.starts_with('{');
}

// The segment that `path` begins with is taken off it, with its slash.
std::optional<std::string_view> take_segment(std::string_view& path) {
    if (path.empty()) return {};
    path.remove_prefix(1);
    const auto segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    return segment;
}

bool matches(const Resource& resource, std::string_view path, PathParameters& parameters) {
    std::size_t count = 0;
    for (const auto expected : resource.segments) {
        const auto segment = take_segment(path);
        if (!segment) return false;
        if (!is_parameter(expected)) {
            if (*segment != expected) return false;
            continue;
        }
        if (segment->empty() || segment->contains('%')) return false;
        parameters[count++] = *segment;
    }
    return path.empty();
}

}  // namespace

const Route* Resource::find(http::Method method) const {
    const auto found = std::ranges::find_if(routes, [method](const Route& route) {
        return route.methods.has(method);
    });
    return found == routes.end() ? nullptr : &*found;
}

Router::Router(const std::vector<Route>& routes) {
    std::unordered_map<std::string_view, Resource*> made;
    for (const auto& route : routes) {
        auto& resource = made[route.pattern];
        if (resource == nullptr) {
            resource = &resources_.emplace_back();
            resource->segments = segments_of(route.pattern);
            if (std::ranges::any_of(resource->segments, is_parameter)) {
                with_parameters_.push_back(resource);
            } else {
                literal_.emplace(route.pattern, resource);
            }
        }
        resource->routes.push_back(route);
    }
    for (auto& resource : resources_) {
        for (const auto& [method, name] : method_names) {
            if (method != Method::options && resource.find(method) == nullptr) continue;
            resource.allow.append(resource.allow.empty() ? "" : ", ").append(name);
        }
    }
}

const Resource* Router::find(std::string_view path, PathParameters& parameters) const {
    path = without_slash(path);
    if (const auto found = literal_.find(path); found != literal_.end()) return found->second;
    const auto found = std::ranges::find_if(with_parameters_, [&](const Resource* resource) {
        return matches(*resource, path, parameters);
    });
    return found == with_parameters_.end() ? nullptr : *found;
}

}  // namespace gw::web
