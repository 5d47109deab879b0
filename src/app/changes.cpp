#include "app/changes.hpp"

#include "app/setting_value.hpp"
#include "app/settings_table.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace gw::app {

namespace {

// What is made once, at the start. See settings_in_effect().
bool needs_restart(std::string_view name) {
    return name == "listen" || name == "workers" || name.starts_with("tls.") ||
           name.starts_with("processes.") || name == "status.socket" || name == "metrics.listen";
}

// The names of entries that came, went or changed: "+ new, - old, changed".
template <typename Entry, typename Name>
std::string entry_changes(
    const std::vector<Entry>& before, const std::vector<Entry>& after, Name name
) {
    std::string list;
    for (const auto& entry : after) {
        const auto found = std::ranges::find(before, name(entry), name);
        if (found == before.end()) {
            add_change(list, "+ " + name(entry));
        } else if (!(*found == entry)) {
            add_change(list, name(entry));
        }
    }
    for (const auto& entry : before) {
        if (std::ranges::find(after, name(entry), name) == after.end()) {
            add_change(list, "- " + name(entry));
        }
    }
    return list;
}

}  // namespace

void add_change(std::string& list, std::string_view change) {
    if (!change.empty()) list.append(list.empty() ? "" : ", ").append(change);
}

std::string token_changes(const TokenTable* before, const TokenTable* after) {
    if (before == nullptr || after == nullptr) return {};
    const auto [kept, changed] = after->common_with(*before);
    std::string counts;
    const auto add = [&counts](std::size_t count, std::string_view what) {
        if (count > 0) add_change(counts, std::to_string(count) + std::string(what));
    };
    add(after->size() - kept, " added");
    add(before->size() - kept, " removed");
    add(changed, " changed");
    return counts.empty() ? counts : "tokens: " + counts;
}

Changes find_changes(const Settings& before, const Settings& after) {
    Changes changes;
    auto old_values = before;
    auto new_values = after;
    for (const auto& setting : settings_table()) {
        if (is_of_entry(setting)) continue;
        if (value_text(setting, setting.field(old_values, 0)) ==
            value_text(setting, setting.field(new_values, 0))) {
            continue;
        }
        add_change(
            needs_restart(setting.name) ? changes.needs_restart : changes.applied, setting.name
        );
    }
    const auto upstreams = entry_changes(before.upstreams, after.upstreams, [](const auto& entry) {
        return entry.name;
    });
    if (!upstreams.empty()) add_change(changes.applied, "upstreams: " + upstreams);
    const auto servers =
        entry_changes(before.servers, after.servers, [](const auto& entry) { return entry.id; });
    if (!servers.empty()) add_change(changes.applied, "servers: " + servers);
    return changes;
}

Settings settings_in_effect(const Settings& before, Settings after) {
    after.listen = before.listen;
    after.workers = before.workers;
    after.tls = before.tls;
    after.processes = before.processes;
    after.status = before.status;
    after.metrics = before.metrics;
    return after;
}

}  // namespace gw::app
