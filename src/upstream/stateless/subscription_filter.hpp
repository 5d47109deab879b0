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

    // True when nothing is in it.
    bool is_empty() const { return size() == 0; }

    // How many lists and resources are in it.
    std::size_t size() const {
        return std::size_t{tools} + std::size_t{prompts} + std::size_t{resources} + uris.size();
    }

    // Adds all that is in `other`, or takes it out.
    SubscriptionFilter& operator+=(const SubscriptionFilter& other);
    SubscriptionFilter& operator-=(const SubscriptionFilter& other);

    bool operator==(const SubscriptionFilter&) const = default;
};

// What is in `all` and not in `without`.
SubscriptionFilter operator-(SubscriptionFilter all, const SubscriptionFilter& without);

// What is in both.
SubscriptionFilter operator&(const SubscriptionFilter& one, const SubscriptionFilter& other);

// Two parts of `filter`, each with about half of it. Its size is 2 at least.
std::pair<SubscriptionFilter, SubscriptionFilter> halves(const SubscriptionFilter& filter);

// The member `notifications` of the request as JSON; and what that of the acknowledgement says.
// What cannot be read there is left out.
std::string to_json(const SubscriptionFilter& filter);
SubscriptionFilter parse_filter(std::string_view notifications);

}  // namespace gw::upstream
