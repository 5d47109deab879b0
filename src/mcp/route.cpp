#include "mcp/route.hpp"

#include "base/json.hpp"

#include <algorithm>

namespace gw::mcp {

namespace {

constexpr std::string_view name = "bascule/instances";

bool is_instance(std::string_view id) {
    const auto is_plain = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '-';
    };
    return !id.empty() && id.size() <= instance_bytes_max && std::ranges::all_of(id, is_plain);
}

void add(Instances& all, std::string_view id) {
    const bool has_room = all.size() < instances_max;
    if (has_room && std::ranges::find(all, id) == all.end()) all.emplace_back(id);
}

}  // namespace

void join(Instances& all, const Instances& more) {
    for (const auto& id : more)
        add(all, id);
}

Route parse_route(std::string_view result, std::string_view own) {
    Route route;
    const auto object = json::Object::parse(result);
    const auto meta = json::Object::parse(object ? (*object)["_meta"] : "");
    const auto elements = json::elements(meta ? (*meta)[name] : "", instances_max);
    if (!elements) return route;
    for (auto id : *elements) {
        if (id.size() < 2 || !id.starts_with('"')) continue;
        id = id.substr(1, id.size() - 2);
        if (is_instance(id)) add(route.instances, id);
    }
    route.leads_back = std::ranges::find(route.instances, own) != route.instances.end();
    return route;
}

std::string meta_member(const Instances& instances) {
    std::string text;
    for (const auto& id : instances)
        text.append(text.empty() ? "\"" : ",\"").append(id).append("\"");
    if (text.empty()) return text;
    return R"(,"_meta":{")" + std::string(name) + "\":[" + text + "]}";
}

}  // namespace gw::mcp
