#pragma once

#include "app/settings.hpp"
#include "app/tokens.hpp"

#include <string>
#include <string_view>

namespace gw::app {

// What differs between two settings, as lists of names for the log. Values are not in it, which may
// be secret.
struct Changes {
    std::string applied;        // "timeouts.call, upstreams: + new, - old, changed".
    std::string needs_restart;  // The same of what only a start can change.

    bool operator==(const Changes&) const = default;
};

// What differs, by the names of settings; texts without values, which may be secrets.
Changes find_changes(const Settings& before, const Settings& after);

// How many tokens came and went: "tokens: 1 added, 2 removed"; empty when they are the same, or
// were or are none (null), which the settings say.
std::string token_changes(const TokenTable* before, const TokenTable* after);

// Puts one more change, unless it is empty, at the end of a list.
void add_change(std::string& list, std::string_view change);

// What holds after a reload: `after` with what only a start can change left as it was.
Settings settings_in_effect(const Settings& before, Settings after);

}  // namespace gw::app
