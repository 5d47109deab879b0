#include "base/json.hpp"
#include "upstream/lease/lease.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

// How a Lease lists what its server offers.
namespace gw::upstream {

namespace {

constexpr std::size_t pages_max = 1000;

std::string to_words(const catalog::Skipped& skipped) {
    auto text = "lists " + std::to_string(skipped.count) + " unusable items: ";
    for (const auto& reason : skipped.reasons)
        text.append(&reason == &skipped.reasons.front() ? "" : "; ").append(reason);
    const auto more = skipped.count - skipped.reasons.size();
    return more == 0 ? text : text + "; and " + std::to_string(more) + " more";
}

}  // namespace

Task<Result<catalog::ListingHandle>> Lease::list(mcp::Exchange& caller) {
    const async::Visitors::Visit visit(inside_);
    GW_CO_DO(co_await ensure_open(TimePoint::max(), caller));
    auto listing = std::make_shared<catalog::Listing>();
    listing->profile = profile_;
    for (const auto kind : catalog::kinds) {
        if (!profile_.has[static_cast<std::size_t>(kind)]) continue;
        GW_CO_DO(co_await add_items(kind, *listing, caller));
    }
    co_return listing;
}

Task<Result<void>> Lease::add_items(
    catalog::Kind kind, catalog::Listing& listing, mcp::Exchange& caller
) {
    std::string cursor;
    catalog::Skipped skipped;
    for (std::size_t page = 0; page < pages_max; ++page) {
        GW_CO_TRY(const auto result, co_await list_page(kind, cursor, caller));
        if (result.empty()) co_return Result<void>();  // It does not have this list after all.
        GW_CO_TRY(const auto object, json::Object::parse(result.view()));
        const auto array = object[catalog::names_of(kind).member];
        GW_CO_TRY(
            auto items,
            catalog::parse_items(
                kind,
                array.empty() || array == "null" ? "[]" : array,
                around_.limits.depth_max,
                skipped
            )
        );
        auto& all = listing.items[static_cast<std::size_t>(kind)];
        std::ranges::move(items, std::back_inserter(all));
        auto& hint = listing.hints[static_cast<std::size_t>(kind)];
        catalog::add_hint(hint, object["ttlMs"], object["cacheScope"]);
        const auto next = object["nextCursor"];
        if (next.empty() || next == "null" || next == cursor) break;
        cursor = next;
    }
    if (skipped.count > 0) around_.log(*config_, to_words(skipped));
    co_return Result<void>();
}

// The result of one list request, empty when the server has no such method.
Task<Result<Slice>> Lease::list_page(
    catalog::Kind kind, const std::string& cursor, mcp::Exchange& caller
) {
    const auto params = cursor.empty() ? std::string("{}") : R"({"cursor":)" + cursor + "}";
    GW_CO_TRY(
        auto answer,
        co_await call(
            {.method = catalog::names_of(kind).list_method,
             .params = std::string_view(params),
             .progress_token = {},
             .deadline = around_.shard.now() + around_.limits.list_timeout,
             .is_repeatable = true},
            caller
        )
    );
    if (auto* completed = std::get_if<mcp::Completed>(&answer))
        co_return std::move(completed->result);
    const auto* refused = std::get_if<mcp::Refused>(&answer);
    const auto error = json::Object::parse(refused != nullptr ? refused->error.view() : "{}");
    if (error && (*error)["code"] == "-32601") co_return Slice();
    co_return fail(Errc::upstream_failed, "upstream refused a list request");
}

}  // namespace gw::upstream
