#pragma once

#include "gateway/views.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace gw::test {

// One virtual server of the given sources. Its view is there at once, unless `is_slow`.
class FakeViews final : public gateway::Views {
public:
    catalog::ViewRules shown;
    bool is_slow = false;
    Result<catalog::ViewHandle> view = fail(Errc::unavailable, "No upstream server is available");

    void set(std::vector<catalog::Source> sources) {
        std::vector<std::string> ignored;
        view = std::make_shared<const catalog::View>(shown, std::move(sources), seal_, ignored);
    }

    const catalog::View* current(std::uint16_t, const mcp::ClientCapabilities&) override {
        return view && !is_slow ? view->get() : nullptr;
    }

    Task<Result<catalog::ViewHandle>> get(std::uint16_t, const mcp::ClientCapabilities&) override {
        co_return view;
    }

    const catalog::ViewRules& rules(std::uint16_t) const override { return shown; }

    const catalog::CursorSeal& seal() const override { return seal_; }

private:
    catalog::CursorSeal seal_{catalog::CursorSeal::Key{1, 2, 3}};
};

}  // namespace gw::test
