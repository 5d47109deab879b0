#include "gateway/upstream_news.hpp"

#include <array>
#include <chrono>

namespace gw::gateway {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t problems_max = 1000;
constexpr std::chrono::minutes often{1};  // A failure that goes on is said again so often,
constexpr std::chrono::minutes at_first{10};
constexpr std::chrono::hours seldom{1};  // and when it has gone on for longer than that, so.

std::string to_words(milliseconds time) {
    if (time < std::chrono::seconds(10)) {
        const auto tenths = (time.count() + 50) / 100;
        return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
    }
    if (time < std::chrono::minutes(3)) return std::to_string(time.count() / 1000) + " s";
    return std::to_string(time.count() / 60'000) + " min";
}

std::string to_words(const catalog::Listing& listing) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, catalog::kind_count> words{{
        {"tool", "tools"},
        {"prompt", "prompts"},
        {"resource", "resources"},
        {"resource template", "resource templates"},
    }};
    std::string text;
    for (const auto kind : catalog::kinds) {
        const auto count = listing.of(kind).size();
        // Tools are what people look for, so that there are none is said.
        if (count == 0 && kind != catalog::Kind::tools) continue;
        const auto& [one, many] = words[static_cast<std::size_t>(kind)];
        text.append(text.empty() ? "" : ", ").append(std::to_string(count)).append(" ");
        text.append(count == 1 ? one : many);
    }
    return text;
}

std::string for_whom(ListClass list_class) {
    return list_class == 0 ? "" : " for clients that can do more";
}

}  // namespace

void UpstreamNews::tried(
    auth::UpstreamNumber upstream,
    std::string_view name,
    const ListKeeper& keeper,
    const ListKeeper::Attempt& attempt,
    TimePoint now
) {
    const Who who{upstream, keeper.list_class()};
    const auto called = std::string(name);
    if (attempt.error) {
        const auto [at, is_new] = failing_.try_emplace(who, Failure{*attempt.error, now, now});
        return failed(at->second, called + for_whom(who.second), attempt, now, is_new);
    }
    const bool was_failing = failing_.erase(who) > 0;
    if (who.second != 0) return;
    const bool is_new = ready_.insert(upstream).second;
    if (!is_new && !was_failing) return;
    const auto& listing = *keeper.listing();
    report_(
        Weight::information,
        called + (is_new ? " is ready: " : " is back: ") + to_words(listing) + ", listed in " +
            to_words(attempt.took) +
            (listing.profile.is_stateless ? ", stateless" : ", with sessions")
    );
}

void UpstreamNews::failed(
    Failure& failure,
    const std::string& name,
    const ListKeeper::Attempt& attempt,
    TimePoint now,
    bool is_new
) {
    const auto& error = *attempt.error;
    const auto lasts = now - failure.since;
    const auto pause = lasts < at_first ? TimePoint::duration(often) : TimePoint::duration(seldom);
    const bool is_other = failure.error.text != error.text;
    if (!is_new && !is_other && now - failure.said < pause) return;
    failure.error = error;
    failure.said = now;
    auto line = name + (is_new || is_other ? " cannot be listed: " : " still cannot be listed: ");
    line += error.text;
    if (!error.detail.empty()) line += " (" + error.detail + ")";
    report_(Weight::warning, line + "; tried again in " + to_words(attempt.retry));
}

void UpstreamNews::all_ready(std::size_t count) {
    if (std::exchange(were_all_ready_, true) || count < 2) return;
    report_(Weight::information, "all " + std::to_string(count) + " upstream servers are ready");
}

void UpstreamNews::reconfigured(const std::function<bool(auth::UpstreamNumber)>& is_configured) {
    std::erase_if(ready_, [&](auto upstream) { return !is_configured(upstream); });
    std::erase_if(failing_, [&](const auto& each) { return !is_configured(each.first.first); });
    problems_.clear();
    were_all_ready_ = false;
}

void UpstreamNews::problem(
    const std::string& line, const std::function<std::string(std::string_view)>& to_told
) {
    // Whoever lists something else every time is not listened to for ever.
    if (problems_.size() == problems_max || !problems_.insert(line).second) return;
    report_(Weight::warning, to_told(line));
}

}  // namespace gw::gateway
