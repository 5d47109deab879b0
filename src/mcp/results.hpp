#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What a stateless revision has in every result and the others have not (2026-07-28, basic,
// ResultType and Per-response protocol fields; server/utilities/caching). Results are JSON objects
// that were checked before; what is not named here keeps its bytes, but for white space between
// the members.
namespace gw::mcp {

// How long, and by whom, a result may be kept.
struct Cache {
    std::int64_t ttl_ms = 0;
    bool is_public = false;  // By others than who asked, too.

    bool operator==(const Cache&) const = default;
};

// With what stateless clients want: resultType "complete" in place of any other; in `_meta` our
// serverInfo unless there is one, and with `cache` its ttlMs and cacheScope in place of any others.
std::string typed_result(std::string_view result, std::optional<Cache> cache);

// What a result says of keeping it. What is missing or makes no sense means not at all
// (2026-07-28, server/utilities/caching).
Cache stated_cache(std::string_view result);

// Without resultType, ttlMs, cacheScope, and what the protocol itself has in `_meta`, which goes
// when nothing else is in it. `related-task` stays: it is of the session era.
std::string untyped_result(std::string_view result);

}  // namespace gw::mcp
