#include "catalog/uri_hints.hpp"

#include <algorithm>
#include <cstddef>

namespace gw::catalog {

std::vector<std::string_view> prefixes(std::string_view uri) {
    std::vector<std::string_view> found;
    const auto scheme = uri.substr(0, uri.find(':') + 1);
    if (scheme.empty()) return found;
    const auto end = uri.find_first_of("/?#", scheme.size() + 2);
    if (uri.substr(scheme.size()).starts_with("//")) found.push_back(uri.substr(0, end));
    found.push_back(scheme);
    return found;
}

std::vector<std::string_view> app_resources(std::string_view tool) {
    constexpr std::string_view begin = R"("ui:)";
    std::vector<std::string_view> found;
    for (auto at = tool.find(begin); at != std::string_view::npos; at = tool.find(begin, at)) {
        auto end = at + begin.size();
        while (end < tool.size() && tool[end] != '"')
            end += tool[end] == '\\' ? 2 : 1;
        end = std::min(end + 1, tool.size());
        found.push_back(tool.substr(at, end - at));
        at = end;
    }
    return found;
}

}  // namespace gw::catalog
