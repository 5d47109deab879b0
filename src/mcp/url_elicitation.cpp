#include "mcp/url_elicitation.hpp"

#include "base/json.hpp"
#include "mcp/impl/members.hpp"

namespace gw::mcp {

namespace {

constexpr std::size_t elicitations_max = 100;

std::string without_id(std::string_view params) {
    impl::ObjectText text(params.size());
    impl::for_each_member(params, [&text](const impl::Member& member) {
        if (member.name != "elicitationId") text.add(member.quoted, member.value);
    });
    return std::move(text).str();
}

}  // namespace

std::vector<UrlElicitation> url_elicitations(std::string_view error) {
    std::vector<UrlElicitation> found;
    const auto object = json::Object::parse(error);
    if (!object) return found;
    const auto data = json::Object::parse((*object)["data"]);
    if (!data) return found;
    const auto all = json::elements((*data)["elicitations"], elicitations_max);
    if (!all) return found;
    for (const auto params : *all) {
        const auto asked = json::Object::parse(params);
        if (!asked || asked->string("mode").value_or("") != "url") continue;
        auto message = asked->string("message");
        auto url = asked->string("url");
        if (!message || !url) continue;
        found.push_back({std::move(*message), std::move(*url), without_id(params)});
    }
    return found;
}

}  // namespace gw::mcp
