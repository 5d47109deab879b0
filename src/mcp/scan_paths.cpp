#include "mcp/scan_paths.hpp"

#include "base/ascii.hpp"
#include "base/json.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <string>
#include <utility>

namespace gw::mcp {

namespace {

constexpr std::array table{
    Path{Place::root, "jsonrpc", Part::jsonrpc},
    Path{Place::root, "id", Part::id},
    Path{Place::root, "method", Part::method},
    Path{Place::root, "params", Part::params, Place::params},
    Path{Place::root, "result", Part::result, Place::result},
    Path{Place::root, "error", Part::error, Place::error},

    Path{Place::params, "name", Part::name},
    Path{Place::params, "uri", Part::uri},
    Path{Place::params, "arguments", Part::arguments},
    Path{Place::params, "cursor", Part::cursor},
    Path{Place::params, "_meta", Part::meta, Place::meta},
    Path{Place::params, "progressToken", Part::notified_token},
    Path{Place::params, "requestId", Part::request_id},
    Path{Place::params, "reason", Part::reason},
    Path{Place::params, "level", Part::level},
    Path{Place::params, "ref", Part::ref, Place::ref},
    Path{Place::params, "argument", Part::argument},
    Path{Place::params, "capabilities", Part::capabilities},
    Path{Place::params, "protocolVersion", Part::protocol_version},
    Path{Place::params, "clientInfo", Part::client_info},
    Path{Place::params, "inputResponses", Part::input_responses},
    Path{Place::params, "requestState", Part::request_state},
    Path{Place::params, "task", Part::task},
    Path{Place::params, "taskId", Part::task_id},
    Path{Place::params, "logger", Part::logger},
    Path{Place::params, "mode", Part::mode},

    Path{Place::meta, "progressToken", Part::progress_token},
    Path{Place::meta, "io.modelcontextprotocol/protocolVersion", Part::meta_protocol_version},
    Path{Place::meta, "io.modelcontextprotocol/clientCapabilities", Part::meta_client_capabilities},
    Path{Place::meta, "io.modelcontextprotocol/clientInfo", Part::meta_client_info},
    Path{Place::meta, "io.modelcontextprotocol/logLevel", Part::meta_log_level},
    Path{Place::meta, "io.modelcontextprotocol/related-task", Part::related_task},
    Path{Place::meta, "io.modelcontextprotocol/subscriptionId", Part::subscription_id},
    Path{Place::meta, "traceparent", Part::traceparent},

    Path{Place::ref, "type", Part::ref_type},
    Path{Place::ref, "name", Part::ref_name},
    Path{Place::ref, "uri", Part::ref_uri},

    Path{Place::result, "isError", Part::is_error},
    Path{Place::result, "structuredContent", Part::structured_content},
    Path{Place::result, "content", Part::content},
    Path{Place::result, "nextCursor", Part::next_cursor},
    Path{Place::result, "_meta", Part::result_meta, Place::result_meta},
    Path{Place::result, "resultType", Part::result_type},
    Path{Place::result, "ttlMs", Part::ttl_ms},
    Path{Place::result, "cacheScope", Part::cache_scope},
    Path{Place::result, "inputRequests", Part::input_requests},
    Path{Place::result, "requestState", Part::result_state},
    Path{Place::result, "supportedVersions", Part::supported_versions},
    Path{Place::result, "tools", Part::tools},
    Path{Place::result, "prompts", Part::prompts},
    Path{Place::result, "resources", Part::resources},
    Path{Place::result, "resourceTemplates", Part::resource_templates},
    Path{Place::result, "protocolVersion", Part::result_protocol_version},
    Path{Place::result, "serverInfo", Part::server_info},
    Path{Place::result, "capabilities", Part::result_capabilities},
    Path{Place::result, "instructions", Part::instructions},

    Path{Place::result_meta, "io.modelcontextprotocol/serverInfo", Part::result_server_info},
    Path{
        Place::result_meta, "io.modelcontextprotocol/subscriptionId", Part::result_subscription_id
    },
    Path{Place::result_meta, "io.modelcontextprotocol/related-task", Part::result_related_task},

    Path{Place::error, "code", Part::error_code},
    Path{Place::error, "message", Part::error_message},
    Path{Place::error, "data", Part::error_data},
};

// Each part has its one path: a span that is set already means a member that stands twice.
static_assert(table.size() == static_cast<std::size_t>(Part::count));
static_assert([] {
    auto parts = table;
    std::ranges::sort(parts, {}, &Path::part);
    return std::ranges::adjacent_find(parts, {}, &Path::part) == parts.end();
}());

constexpr auto by_size = [] {
    auto sorted = table;
    std::ranges::sort(sorted, {}, [](const Path& path) {
        return std::pair(path.in, path.name.size());
    });
    return sorted;
}();

constexpr std::size_t size_max = [] {
    return std::ranges::max(
               table, {}, [](const Path& path) { return path.name.size(); }
    ).name.size();
}();

// The paths in a place whose names have `size` bytes: by_size from starts[place][size] up to
// starts[place][size + 1].
constexpr auto starts = [] {
    std::array<std::array<std::uint8_t, size_max + 2>, static_cast<std::size_t>(Place::none)> all{};
    for (std::size_t place = 0; place < all.size(); ++place) {
        for (std::size_t size = 0; size < all[place].size(); ++size) {
            all[place][size] =
                static_cast<std::uint8_t>(std::ranges::count_if(by_size, [&](const Path& path) {
                    return std::pair(static_cast<std::size_t>(path.in), path.name.size()) <
                           std::pair(place, size);
                }));
        }
    }
    return all;
}();

template <typename Word>
bool is_same_word(const char* a, const char* b) {
    Word x = 0;
    Word y = 0;
    std::memcpy(&x, a, sizeof x);
    std::memcpy(&y, b, sizeof y);
    return x == y;
}

// Of two names of one size, at least 2: std::memcmp without the call, which would cost more than
// the comparison: by words, the last of which may overlap the one before.
bool is_same(std::string_view a, std::string_view b) {
    const auto size = a.size();
    const auto same_at = [&]<typename Word>(std::size_t at, Word) {
        return is_same_word<Word>(a.begin() + at, b.begin() + at);
    };
    if (size < 4) return same_at(0, std::uint16_t()) && a.back() == b.back();
    if (size < 8) return same_at(0, std::uint32_t()) && same_at(size - 4, std::uint32_t());
    for (std::size_t at = 0; at + 8 < size; at += 8) {
        if (!same_at(at, std::uint64_t())) return false;
    }
    return same_at(size - 8, std::uint64_t());
}

static_assert(std::ranges::all_of(table, [](const Path& path) { return path.name.size() >= 2; }));

// The paths in `place` whose names have the size of `name`.
std::span<const Path> of_size(Place place, std::size_t size) {
    if (size > size_max) return {};
    const auto& of_place = starts[static_cast<std::size_t>(place)];
    return {by_size.data() + of_place[size], by_size.data() + of_place[size + 1]};
}

// Apart, because hardly any name comes here, and what it needs would slow the way of all others.
[[gnu::noinline]] Found find_folded(Place place, std::string_view name) {
    for (const auto& path : of_size(place, name.size())) {
        if (equal_ignoring_case(path.name, name)) return {.path = &path, .is_exact = false};
    }
    return {};
}

Found find_spelled(Place place, std::string_view name) {
    bool is_similar = false;
    for (const auto& path : of_size(place, name.size())) {
        // The same letter in either case, or two other characters that differ in that bit.
        if (((path.name[0] ^ name[0]) & ~0x20) != 0) continue;
        if (is_same(path.name, name)) {
            return {.path = &path, .is_exact = true};
        }
        is_similar = true;
    }
    return is_similar ? find_folded(place, name) : Found();
}

// What lax readers reduce a name to before they compare. Unicode's simple case folding takes two
// characters beyond ASCII into it: U+017F to "s" and U+212A to "k". Readers in C stop at a NUL.
std::string reduced(std::string name) {
    while (name.ends_with('\0'))
        name.pop_back();
    std::string_view rest = name;
    std::string shorter;
    while (!rest.empty() && shorter.size() <= size_max) {
        constexpr std::string_view long_form = "\u017F";
        constexpr std::string_view kelvin = "\u212A";
        const bool is_long = rest.starts_with(long_form);
        const bool is_kelvin = rest.starts_with(kelvin);
        shorter.push_back(is_long ? 's' : is_kelvin ? 'k' : rest.front());
        rest.remove_prefix(is_long ? long_form.size() : is_kelvin ? kelvin.size() : 1);
    }
    return shorter;
}

[[gnu::noinline]] Found find_escaped(Place place, std::string_view name) {
    auto spelled = json::unquoted(name);
    if (const auto found = find_spelled(place, spelled); found.path != nullptr) return found;
    return {.path = find_spelled(place, reduced(std::move(spelled))).path, .is_exact = false};
}

}  // namespace

std::span<const Path> paths() {
    return table;
}

Found find_path(Place place, std::string_view name, bool is_plain) {
    if (!is_plain) return find_escaped(place, name);
    return find_spelled(place, name.substr(1, name.size() - 2));
}

}  // namespace gw::mcp
