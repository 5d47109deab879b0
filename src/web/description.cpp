#include "web/description.hpp"

#include "base/json.hpp"
#include "web/connection.hpp"
#include "web/method_names.hpp"

#include <map>

namespace gw::web {

namespace {

// OpenAPI spells the methods in small letters.
std::string key_of(std::string_view method) {
    std::string key(method);
    for (auto& c : key)
        c = static_cast<char>(c - 'A' + 'a');
    return key;
}

void add(std::string& list, std::string_view item) {
    list.append(list.empty() ? "" : ",").append(item);
}

std::string member(std::string_view name, std::string_view value) {
    return json::quoted(name) + ":" + std::string(value);
}

// The operation of one method; {default} stands for all that a handler may answer.
std::string operation(const Route& route) {
    std::string members = member("summary", json::quoted(route.summary));
    const auto* const refused = R"({"description":"A token is needed"})";
    std::string responses = member("default", R"({"description":"The answer"})");
    if (route.access == Access::authenticated) {
        add(members, R"("security":[{"bearer":[]}])");
        add(responses, member("401", refused));
    }
    add(members, member("responses", "{" + responses + "}"));
    return "{" + members + "}";
}

// The parameters in the path.
std::string parameters(std::string_view pattern) {
    std::string list;
    for (auto at = pattern.find('{'); at != std::string_view::npos;
         at = pattern.find('{', at + 1)) {
        const auto name = pattern.substr(at + 1, pattern.find('}', at) - at - 1);
        add(list,
            "{" + member("name", json::quoted(name)) +
                R"(,"in":"path","required":true,"schema":{"type":"string"}})");
    }
    return "[" + list + "]";
}

}  // namespace

std::string describe(
    const std::vector<Route>& routes, std::string_view title, std::string_view version
) {
    std::map<std::string_view, std::string> paths;
    for (const auto& route : routes) {
        auto& members = paths[route.pattern];
        if (members.empty() && route.pattern.contains('{')) {
            add(members, member("parameters", parameters(route.pattern)));
        }
        for (const auto& [method, name] : method_names) {
            if (route.methods.has(method)) add(members, member(key_of(name), operation(route)));
        }
    }
    std::string listed;
    for (const auto& [pattern, members] : paths)
        add(listed, member(pattern, "{" + members + "}"));
    return R"({"openapi":"3.1.0","info":{)" + member("title", json::quoted(title)) + "," +
           member("version", json::quoted(version)) + R"(},"paths":{)" + listed +
           R"(},"components":{"securitySchemes":{"bearer":{"type":"http","scheme":"bearer"}}}})";
}

Task<> Description::serve(Connection& connection, Request& request) {
    const auto head = connection.reply_to(request);
    request.status = head.status;
    Buffer out;
    append_reply(out, head, json_);
    co_await connection.write(out);
}

}  // namespace gw::web
