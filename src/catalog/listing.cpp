#include "catalog/listing.hpp"

#include "base/json.hpp"
#include "base/json_scanner.hpp"
#include "base/unicode.hpp"
#include "catalog/entry_rules.hpp"
#include "mcp/capabilities.hpp"

#include <algorithm>
#include <utility>

namespace gw::catalog {

namespace {

constexpr std::size_t items_max = 100'000;  // Of one page.
constexpr std::int64_t ttl_ms_max = 86'400'000;

constexpr std::array<KindNames, kind_count> names{{
    {"tools/list", "tools", "name", "tools", "notifications/tools/list_changed"},
    {"prompts/list", "prompts", "name", "prompts", "notifications/prompts/list_changed"},
    {"resources/list", "resources", "uri", "resources", "notifications/resources/list_changed"},
    {"resources/templates/list",
     "resourceTemplates",
     "uriTemplate",
     "resources",
     "notifications/resources/list_changed"},
}};

bool is_present(std::string_view value) {
    return value.starts_with('{');
}

CoreTasks parse_core_tasks(std::string_view capability) {
    const auto in = [](std::string_view object, std::string_view name) {
        const auto parsed = json::Object::parse(object);
        return parsed ? (*parsed)[name] : std::string_view();
    };
    const auto calls = in(in(in(capability, "requests"), "tools"), "call");
    if (!is_present(calls)) return {};
    return {
        .calls = true,
        .list = is_present(in(capability, "list")),
        .cancel = is_present(in(capability, "cancel"))
    };
}

// For clients, most of which read with a limit of their own. 0: it is not too deep.
int too_deep(std::string_view entry, int depth_max) {
    json::Scanner scanner(entry, depth_max);
    return scanner.value().empty() || scanner.is_too_deep() ? scanner.depth_found() : 0;
}

// What `entry` is called. One with an unpaired surrogate is not usable: servers decode it
// differently.
Result<std::string> parse_key(Kind kind, std::string_view entry) {
    GW_TRY(const auto object, json::Object::parse(entry));
    const auto member = names_of(kind).key;
    GW_TRY(auto key, object.string(member));
    if (key.empty() || !json::is_unicode(object[member])) {
        return fail(Errc::invalid_params, "one without a usable \"" + std::string(member) + "\"");
    }
    return key;
}

// An entry as clients are shown it; or why they are not.
Result<Item> parse_item(Kind kind, std::string_view entry, int depth_max) {
    constexpr std::size_t shown_max = 100;
    auto key = parse_key(kind, entry);
    const auto shown = key ? std::string(utf8_prefix(*key, shown_max)) : std::string("one");
    if (const int depth = too_deep(entry, depth_max); depth > 0) {
        return fail(
            Errc::invalid_params,
            shown + " is nested " + std::to_string(depth) + " levels deep; limits.depth_max is " +
                std::to_string(depth_max)
        );
    }
    if (!key) return std::unexpected(std::move(key).error());
    const auto text = readable(kind, entry);
    if (!text) return fail(Errc::invalid_params, shown + ": " + why_unreadable(kind, entry));
    return Item{*std::move(key), json::as_unicode(json::without_line_breaks(*text))};
}

}  // namespace

const KindNames& names_of(Kind kind) {
    return names.at(static_cast<std::size_t>(kind));
}

bool is_list_method(std::string_view method) {
    return std::ranges::find(names, method, &KindNames::list_method) != names.end();
}

Result<std::vector<Item>> parse_items(
    Kind kind, std::string_view array, int depth_max, Skipped& skipped
) {
    GW_TRY(const auto elements, json::elements(array, items_max));
    std::vector<Item> items;
    items.reserve(elements.size());
    for (const auto element : elements) {
        auto item = parse_item(kind, element, depth_max);
        if (item) {
            items.push_back(*std::move(item));
        } else if (skipped.count++ < Skipped::reasons_max) {
            skipped.reasons.push_back(std::move(item).error().text);
        }
    }
    return items;
}

void add_hint(CacheHint& hint, std::string_view ttl_ms, std::string_view cache_scope) {
    if (cache_scope == R"("private")") hint.is_private = true;
    const auto given = json::integer(ttl_ms);
    if (!given) return;
    const std::chrono::milliseconds ttl(std::clamp<std::int64_t>(*given, 0, ttl_ms_max));
    hint.ttl = std::min(ttl, hint.ttl.value_or(ttl));
}

Result<ServerProfile> parse_profile(std::string_view initialize_result) {
    GW_TRY(const auto result, json::Object::parse(initialize_result));
    GW_TRY(const auto info_text, result.object("serverInfo"));
    GW_TRY(const auto info, json::Object::parse(info_text));
    GW_TRY(const auto capabilities_text, result.object("capabilities"));
    GW_TRY(const auto capabilities, json::Object::parse(capabilities_text));
    ServerProfile profile;
    profile.name = info.string("name").value_or("");
    profile.instructions = result.string("instructions").value_or("");
    for (const auto kind : kinds) {
        const auto capability = capabilities[names_of(kind).capability];
        if (!is_present(capability)) continue;
        profile.has[static_cast<std::size_t>(kind)] = true;
        GW_TRY(const auto members, json::Object::parse(capability));
        profile.tells_changes |= members["listChanged"] == "true";
    }
    profile.has_completions = is_present(capabilities["completions"]);
    profile.has_logging = is_present(capabilities["logging"]);
    if (is_present(capabilities["resources"])) {
        GW_TRY(const auto resources, json::Object::parse(capabilities["resources"]));
        profile.has_subscribe = resources["subscribe"] == "true";
    }
    profile.core_tasks = parse_core_tasks(capabilities["tasks"]);
    add_hint(profile.hint, result["ttlMs"], result["cacheScope"]);
    if (is_present(capabilities["extensions"])) {
        GW_TRY(const auto extensions, json::Object::parse(capabilities["extensions"]));
        profile.has_tasks = is_present(extensions[mcp::tasks_extension]);
    }
    return profile;
}

}  // namespace gw::catalog
