#include "mcp/results.hpp"

#include "base/json.hpp"
#include "mcp/impl/members.hpp"
#include "mcp/implementation.hpp"

#include <algorithm>
#include <array>

namespace gw::mcp {

namespace {

constexpr std::string_view server_info = "io.modelcontextprotocol/serverInfo";

// What is between one client and one server only.
constexpr std::array<std::string_view, 2> protocol_keys{
    server_info, "io.modelcontextprotocol/subscriptionId"
};

bool is_cache_member(std::string_view name) {
    return name == "ttlMs" || name == "cacheScope";
}

std::string with_server_info(std::string_view meta) {
    impl::ObjectText text(meta.size() + 100);
    bool has_info = false;
    impl::for_each_member(meta, [&](const impl::Member& member) {
        has_info = has_info || member.name == server_info;
        text.add(member.quoted, member.value);
    });
    if (!has_info) text.add(R"("io.modelcontextprotocol/serverInfo")", implementation);
    return std::move(text).str();
}

impl::ObjectText without_protocol_keys(std::string_view meta) {
    impl::ObjectText text(meta.size());
    impl::for_each_member(meta, [&](const impl::Member& member) {
        if (std::ranges::find(protocol_keys, member.name) != protocol_keys.end()) return;
        text.add(member.quoted, member.value);
    });
    return text;
}

}  // namespace

std::string typed_result(std::string_view result, std::optional<Cache> cache) {
    impl::ObjectText text(result.size() + 200);
    bool has_meta = false;
    impl::for_each_member(result, [&](const impl::Member& member) {
        if (cache && is_cache_member(member.name)) return;
        if (member.name == "resultType") return;
        if (member.name == "_meta") {
            has_meta = true;
            text.add(member.quoted, with_server_info(member.value));
        } else {
            text.add(member.quoted, member.value);
        }
    });
    text.add(R"("resultType")", R"("complete")");
    if (cache) {
        text.add(R"("ttlMs")", std::to_string(cache->ttl_ms));
        text.add(R"("cacheScope")", cache->is_public ? R"("public")" : R"("private")");
    }
    if (!has_meta) text.add(R"("_meta")", with_server_info({}));
    return std::move(text).str();
}

Cache stated_cache(std::string_view result) {
    Cache cache;
    impl::for_each_member(result, [&](const impl::Member& member) {
        if (member.name == "ttlMs") {
            cache.ttl_ms = std::max<std::int64_t>(json::integer(member.value).value_or(0), 0);
        }
        if (member.name == "cacheScope") cache.is_public = member.value == R"("public")";
    });
    return cache;
}

std::string untyped_result(std::string_view result) {
    impl::ObjectText text(result.size());
    impl::for_each_member(result, [&](const impl::Member& member) {
        if (member.name == "resultType" || is_cache_member(member.name)) return;
        if (member.name != "_meta" || !member.value.starts_with('{')) {
            text.add(member.quoted, member.value);
            return;
        }
        auto meta = without_protocol_keys(member.value);
        if (!meta.empty()) text.add(member.quoted, std::move(meta).str());
    });
    return std::move(text).str();
}

}  // namespace gw::mcp
