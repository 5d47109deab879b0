#include "async/yield.hpp"
#include "base/json.hpp"
#include "upstream/lease/lease.hpp"

#include <algorithm>
#include <iterator>
#include <span>
#include <string_view>
#include <unordered_set>
#include <utility>

// How a Lease lists what its server offers.
namespace gw::upstream {

namespace {

// Of one kind, from one server, on all pages together.
constexpr std::size_t pages_max = 1000;
constexpr std::size_t items_max = 100'000;
constexpr std::size_t bytes_max = std::size_t{64} << 20U;

constexpr std::size_t slice_bytes = std::size_t{128} * 1024;  // Read in one go, at least one item.

// How many of `elements`, which stand in one array in this order, are read in one go.
std::size_t slice_of(std::span<const std::string_view> elements) {
    std::size_t count = 0;
    for (std::size_t bytes = 0; count < elements.size() && bytes < slice_bytes; ++count)
        bytes += elements[count].size();
    return count;
}

// The array of these elements, which are neighbours in another.
std::string array_of(std::span<const std::string_view> elements) {
    if (elements.empty()) return "[]";
    const auto* const begin = elements.front().data();
    const auto* const end = elements.back().data() + elements.back().size();
    return "[" + std::string(begin, end) + "]";
}

// What has come of a list, and why no more of it is taken.
struct Taken {
    std::size_t items = 0;  // Usable or not.
    std::size_t bytes = 0;
    async::Budget::Hold hold = {};  // Of them, while there may come more.
    std::string cut = {};           // Empty: nothing is left out.
};

// Takes the items of one page, as many as there may be. The loop does other things meanwhile.
Task<Result<void>> add_page(
    catalog::Kind kind,
    std::string_view array,
    std::vector<catalog::Item>& to,
    catalog::Skipped& skipped,
    Taken& taken,
    LinkResources& around
) {
    GW_CO_TRY(const auto all, json::elements(array, array.size()));
    std::span<const std::string_view> left(all);
    while (!left.empty()) {
        const auto slice = left.first(slice_of(left));
        left = left.subspan(slice.size());
        const auto text = array_of(slice);
        taken.items += slice.size();
        taken.bytes += text.size();
        if (taken.items > items_max) taken.cut = "over 100 000 items";
        if (taken.bytes > bytes_max) taken.cut = "over 64 MiB";
        if (!taken.cut.empty()) co_return Result<void>();
        taken.hold.add(around.budget.take_now(text.size()));
        GW_CO_TRY(auto items, catalog::parse_items(kind, text, around.limits.depth_max, skipped));
        std::ranges::move(items, std::back_inserter(to));
        co_await async::Yield(around.shard);
    }
    co_return Result<void>();
}

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
    const auto index = static_cast<std::size_t>(kind);
    std::string cursor;
    std::unordered_set<std::string> cursors;
    catalog::Skipped skipped;
    Taken taken;
    for (std::size_t page = 0; taken.cut.empty(); ++page) {
        GW_CO_TRY(const auto result, co_await list_page(kind, cursor, caller));
        if (result.empty()) co_return Result<void>();  // It does not have this list after all.
        const auto hold = around_.budget.take_now(result.view().size());
        GW_CO_TRY(const auto object, json::Object::parse(result.view()));
        const auto listed = object[catalog::names_of(kind).member];
        const auto array = listed.empty() || listed == "null" ? "[]" : listed;
        GW_CO_DO(co_await add_page(kind, array, listing.items[index], skipped, taken, around_));
        catalog::add_hint(listing.hints[index], object["ttlMs"], object["cacheScope"]);
        const auto next = object["nextCursor"];
        if (next.empty() || next == "null" || next == cursor) break;
        cursor = next;
        if (page + 1 == pages_max) taken.cut = "over 1000 pages";
        if (!cursors.insert(cursor).second) taken.cut = "a cursor that has come before";
    }
    if (!taken.cut.empty()) {
        around_.log(
            *config_,
            std::string(catalog::names_of(kind).list_method) + " gives " + taken.cut +
                ": what comes behind is left out"
        );
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
