#pragma once

#include "base/error.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::catalog {

// What can be listed. The order is that of the tables by kind.
enum class Kind : std::uint8_t { tools, prompts, resources, templates };

constexpr std::size_t kind_count = 4;
constexpr std::array kinds{Kind::tools, Kind::prompts, Kind::resources, Kind::templates};

// How the protocol spells things of a kind.
struct KindNames {
    std::string_view list_method;   // "tools/list"
    std::string_view member;        // The array in its result: "tools".
    std::string_view key;           // The member that names an item: "name", "uri".
    std::string_view capability;    // The server capability that comes with it.
    std::string_view list_changed;  // The notification, shared by resources and templates.
};

// The row of a kind; it lives for ever.
const KindNames& names_of(Kind kind);

// Whether `method` lists things of one of the kinds.
bool is_list_method(std::string_view method);

// One tool, prompt, resource or template as its server lists it.
struct Item {
    std::string key;  // Its name, URI or URI template, without escapes.
    std::string
        bytes;  // The JSON object as it came, but for unpaired surrogates (json::as_unicode).

    bool operator==(const Item&) const = default;
};

// The items of a list that are left out.
struct Skipped {
    static constexpr std::size_t reasons_max = 3;

    std::size_t count = 0;
    std::vector<std::string> reasons;  // Of the first ones: which it is, and why.
};

// Takes the items out of the result of a list request. Items that are no objects, have no key, are
// nested over `depth_max` deep, or that clients could not read (entry_rules.hpp) are left out, and
// noted in `skipped`. Fails when the result is not a list at all.
Result<std::vector<Item>> parse_items(
    Kind kind, std::string_view array, int depth_max, Skipped& skipped
);

// The tasks in the core of 2025-11-25 (basic/utilities/tasks, Capabilities), which only servers
// with sessions have.
struct CoreTasks {
    bool calls = false;  // Tool calls can be tasks; without that there is nothing else.
    bool list = false;
    bool cancel = false;

    bool operator==(const CoreTasks&) const = default;
};

// What a server says of keeping a list, or what it says of itself (2026-07-28,
// server/utilities/caching): ttlMs, and that cacheScope is private. Servers with sessions say
// nothing.
struct CacheHint {
    std::optional<std::chrono::milliseconds> ttl;
    bool is_private = false;

    bool operator==(const CacheHint&) const = default;
};

// What a server said of itself when it was connected.
struct ServerProfile {
    std::string name;                    // serverInfo.name.
    std::string instructions;            // Without escapes; empty when there are none.
    std::array<bool, kind_count> has{};  // Which kinds it offers.
    bool has_completions = false;
    bool has_logging = false;
    bool has_subscribe = false;
    bool tells_changes = false;  // Of any of its lists.
    bool has_tasks = false;      // The extension; counts for stateless servers only.
    bool is_stateless = false;   // It has no sessions.
    CoreTasks core_tasks = {};
    CacheHint hint = {};  // For all of this.

    bool operator==(const ServerProfile&) const = default;
};

// Reads the result of initialize.
Result<ServerProfile> parse_profile(std::string_view initialize_result);

// Everything that one upstream server lists to clients of one capability class. Immutable.
struct Listing {
    ServerProfile profile;
    std::array<std::vector<Item>, kind_count> items;
    std::array<CacheHint, kind_count> hints{};

    const std::vector<Item>& of(Kind kind) const { return items[static_cast<std::size_t>(kind)]; }

    const CacheHint& hint_of(Kind kind) const { return hints[static_cast<std::size_t>(kind)]; }

    // What may be kept how long does not make lists differ.
    bool operator==(const Listing& other) const {
        return profile == other.profile && items == other.items;
    }
};

// Takes the hint of one page of a list into that of the whole: the shortest time counts.
void add_hint(CacheHint& hint, std::string_view ttl_ms, std::string_view cache_scope);

using ListingHandle = std::shared_ptr<const Listing>;

}  // namespace gw::catalog
