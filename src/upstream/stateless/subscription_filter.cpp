#include "upstream/stateless/subscription_filter.hpp"

#include "base/json.hpp"

#include <algorithm>
#include <iterator>

namespace gw::upstream {

namespace {

constexpr std::size_t uris_max = 10'000;

}  // namespace

SubscriptionFilter& SubscriptionFilter::operator+=(const SubscriptionFilter& other) {
    tools = tools || other.tools;
    prompts = prompts || other.prompts;
    resources = resources || other.resources;
    uris.insert(other.uris.begin(), other.uris.end());
    return *this;
}

SubscriptionFilter& SubscriptionFilter::operator-=(const SubscriptionFilter& other) {
    tools = tools && !other.tools;
    prompts = prompts && !other.prompts;
    resources = resources && !other.resources;
    for (const auto& uri : other.uris)
        uris.erase(uri);
    return *this;
}

SubscriptionFilter operator-(SubscriptionFilter all, const SubscriptionFilter& without) {
    all -= without;
    return all;
}

SubscriptionFilter operator&(const SubscriptionFilter& one, const SubscriptionFilter& other) {
    SubscriptionFilter both{
        .tools = one.tools && other.tools,
        .prompts = one.prompts && other.prompts,
        .resources = one.resources && other.resources,
        .uris = {}
    };
    std::ranges::set_intersection(one.uris, other.uris, std::inserter(both.uris, both.uris.end()));
    return both;
}

std::pair<SubscriptionFilter, SubscriptionFilter> halves(const SubscriptionFilter& filter) {
    SubscriptionFilter first;
    auto left = filter.size() / 2;
    for (auto flag :
         {&SubscriptionFilter::tools, &SubscriptionFilter::prompts, &SubscriptionFilter::resources
         }) {
        if (left == 0 || !(filter.*flag)) continue;
        first.*flag = true;
        --left;
    }
    for (auto uri = filter.uris.begin(); left > 0; ++uri, --left)
        first.uris.insert(*uri);
    auto second = filter - first;
    return {std::move(first), std::move(second)};
}

std::string to_json(const SubscriptionFilter& filter) {
    std::string text;
    const auto add = [&text](std::string_view member) {
        text.append(text.empty() ? "{" : ",").append(json::quoted(member)).append(":");
    };
    const auto add_flag = [&](std::string_view member, bool is_set) {
        if (!is_set) return;
        add(member);
        text.append("true");
    };
    add_flag("toolsListChanged", filter.tools);
    add_flag("promptsListChanged", filter.prompts);
    add_flag("resourcesListChanged", filter.resources);
    if (!filter.uris.empty()) {
        add("resourceSubscriptions");
        char before = '[';
        for (const auto& uri : filter.uris)
            text.append(1, std::exchange(before, ',')).append(json::quoted(uri));
        text.append("]");
    }
    return text.empty() ? "{}" : text + "}";
}

SubscriptionFilter parse_filter(std::string_view notifications) {
    SubscriptionFilter filter;
    const auto object = json::Object::parse(notifications);
    if (!object) return filter;
    filter.tools = (*object)["toolsListChanged"] == "true";
    filter.prompts = (*object)["promptsListChanged"] == "true";
    filter.resources = (*object)["resourcesListChanged"] == "true";
    const auto uris = json::elements((*object)["resourceSubscriptions"], uris_max);
    if (!uris) return filter;
    for (const auto uri : *uris) {
        if (uri.starts_with('"')) filter.uris.insert(json::unquoted(uri));
    }
    return filter;
}

}  // namespace gw::upstream
