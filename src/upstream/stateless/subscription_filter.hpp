#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace gw::upstream {

// What is to be heard of outside of calls, or what of that a server honours (MCP 2026-07-28,
// SubscriptionFilter). A set: of the changes of three lists, and of resources.
struct SubscriptionFilter {
    bool tools = false;
    bool prompts = false;
    bool resources = false;
    std::set<std::string, std::less<>> uris;

    bool is_empty() const { return size() == 0; }

    std::size_t size() const {
        return std::size_t{tools} + std::size_t{prompts} + std::size_t{resources} + uris.size();
    }

    SubscriptionFilter& operator+=(const SubscriptionFilter& other);
    SubscriptionFilter& operator-=(const SubscriptionFilter& other);

    bool operator==(const SubscriptionFilter&) const = default;
};

SubscriptionFilter operator-(SubscriptionFilter all, const SubscriptionFilter& without);

// What is in both.
SubscriptionFilter operator&(const SubscriptionFilter& one, const SubscriptionFilter& other);

// Two parts of what has more than one.
std::pair<SubscriptionFilter, SubscriptionFilter> halves(const SubscriptionFilter& filter);

// The member `notifications` of the request, and of the acknowledgement.
std::string to_json(const SubscriptionFilter& filter);
SubscriptionFilter parse_filter(std::string_view notifications);

}  // namespace gw::upstream
