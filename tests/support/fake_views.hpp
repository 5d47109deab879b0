#pragma once

#include "gateway/views.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gw::test {

// One virtual server of the given sources. Its view is there at once, unless `is_slow`.
class FakeViews final : public gateway::Views {
public:
    catalog::ViewRules shown;
    bool is_slow = false;
    // What is seen of a view; nothing: everything.
    std::function<catalog::VisibleSetHandle(const catalog::View& view)> visible;
    Result<catalog::ViewHandle> view = fail(Errc::cancelled, "withdrawn");
    std::optional<catalog::ViewHandle> later;  // What comes for those who wait.
    std::vector<TimePoint> waits_since;        // One for each who waited.
    std::function<void()> meanwhile;           // Happens while somebody waits for a view.

    void set(std::vector<catalog::Source> sources, catalog::Gaps gaps = {}) {
        view = make(std::move(sources), std::move(gaps));
    }

    // Shows what is missing, until somebody waits for it.
    void set_later(std::vector<catalog::Source> sources, catalog::Gaps gaps) {
        later = make(std::move(sources), {});
        gaps.is_settled = false;
        view = make({}, std::move(gaps));
    }

    std::optional<catalog::VisibleView> current(auth::ServerNumber, const mcp::ClientCapabilities&)
        override {
        if (!view || is_slow) return {};
        kept_ = visible ? visible(**view) : nullptr;
        return catalog::VisibleView(**view, kept_.get());
    }

    Task<Result<catalog::HeldView>> get(auth::ServerNumber, const mcp::ClientCapabilities&)
        override {
        if (meanwhile) meanwhile();
        GW_CO_TRY(auto whole, view);
        co_return seen(std::move(whole));
    }

    Task<Result<catalog::HeldView>> settled(
        auth::ServerNumber, const mcp::ClientCapabilities&, TimePoint since
    ) override {
        waits_since.push_back(since);
        if (later) view = *std::exchange(later, {});
        GW_CO_TRY(auto whole, view);
        co_return seen(std::move(whole));
    }

    catalog::HeldView seen(catalog::ViewHandle whole) override {
        auto set = visible ? visible(*whole) : nullptr;
        return {std::move(whole), std::move(set)};
    }

    const catalog::ViewRules& rules(auth::ServerNumber) const override { return shown; }

    const catalog::CursorSeal& seal() const override { return seal_; }

    catalog::Pages& pages() override { return pages_; }

private:
    catalog::ViewHandle make(std::vector<catalog::Source> sources, catalog::Gaps gaps) {
        std::vector<std::string> ignored;
        return std::make_shared<const catalog::View>(
            shown, std::move(sources), seal_, ignored, catalog::ViewTerms{.gaps = std::move(gaps)}
        );
    }

    catalog::VisibleSetHandle kept_;
    catalog::Pages pages_;
    catalog::CursorSeal seal_{catalog::CursorSeal::Key{1, 2, 3}};
};

}  // namespace gw::test
