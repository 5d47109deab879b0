#pragma once

#include "auth/permit.hpp"
#include "catalog/cursor.hpp"
#include "catalog/kind_view.hpp"
#include "catalog/part.hpp"
#include "catalog/source.hpp"
#include "mcp/route.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gw::catalog {

// What one virtual server shows, and how.
struct ViewRules {
    bool has_plain_names = false;  // Names as the upstream server has them; one server only.
    std::string separator = "-";
    std::vector<std::string> tools;      // Names as clients see them; empty shows all.
    std::vector<std::string> prompts;    // The same.
    std::vector<std::string> resources;  // URIs and URI templates; empty shows all.
    std::string instructions;            // In front of those of the upstream servers.
    std::size_t page_size = 1000;
};

// What a view lacks as yet.
struct Gaps {
    struct Missing {
        auth::UpstreamNumber upstream = 0;
        std::string name;
        std::string reason;           // Safe for clients.
        bool shows_all_tools = true;  // Else those that it does not list cannot be called.

        bool operator==(const Missing&) const = default;
    };

    std::vector<Missing> missing;  // Servers of which nothing is known.
    bool has_substitutes = false;  // Some lists are those for other clients, or of before a reload.
    bool is_settled = true;        // False: something better may be had soon.

    bool are_none() const { return missing.empty() && !has_substitutes; }

    bool operator==(const Gaps&) const = default;
};

class View;

// What a view is made with beside rules and sources.
struct ViewTerms {
    Gaps gaps = {};
    mcp::Instances instances = {};  // This gateway, and those that the servers lead to.
    // What stays the same is not made again. A view of the same virtual server, or null.
    std::shared_ptr<const View> before = {};
    PartMaker* parts = nullptr;  // Null: parts are shared with `before` only.
    std::uint64_t order = 0;     // Another one when the servers, also missing ones, are in another.
};

// What all the upstream servers behind one virtual server list, merged, at one moment. Immutable,
// so every shard may read the same one without locks; a change makes a new one, which costs what
// the parts that changed cost, and a little for each server. What is in it is got by VisibleView
// only, which asks whether it is seen; who makes views and sets of what is seen takes sources and
// parts.
class View {
public:
    // Sources in the order in which their items are listed. `problems` collects what had to be
    // resolved: names that collide, resources listed twice, tools whose x-mcp-header is invalid.
    View(
        const ViewRules& rules,
        std::vector<Source> sources,
        const CursorSeal& seal,
        std::vector<std::string>& problems,
        ViewTerms terms = {}
    );

    const std::vector<Source>& sources() const { return sources_; }

    std::span<const PartHandle> parts() const { return parts_; }  // Of each source.

    const Gaps& gaps() const { return gaps_; }

    const mcp::Instances& instances() const { return instances_; }

    std::uint64_t order() const { return order_; }  // ViewTerms::order.

    // How many there will be.
    std::size_t server_count() const { return sources_.size() + gaps_.missing.size(); }

    // Differs whenever the contents do.
    std::uint64_t generation() const { return generation_; }

    // True when both list the same items of `kind`.
    static bool are_equal(const View& a, const View& b, Kind kind);

private:
    friend class VisibleView;

    KindView::Base take_parts(const ViewTerms& terms, std::vector<std::string>& problems);
    void merge_profiles();

    const KindView& of(Kind kind) const { return kinds_[static_cast<std::size_t>(kind)]; }

    std::vector<Source> sources_;
    std::vector<PartHandle> parts_;  // Of each source.
    Gaps gaps_;
    mcp::Instances instances_;
    std::uint64_t order_;
    ServerProfile profile_;     // The union of what the servers can do.
    std::string instructions_;  // Of the rules.
    std::uint64_t generation_ = 0;
    std::uint64_t serial_;  // No other view of this process has it.
    Naming naming_;
    std::size_t page_size_;
    std::optional<auth::UpstreamNumber> only_;  // The only server that there is.
    std::array<bool, kind_count> is_whole_{};   // Shows all that there is of a kind.
    const CursorSeal& seal_;
    std::array<KindView, kind_count> kinds_;
};

// A shard's hold on the current view. A message swaps it, so between two awaits it may name
// another one; a call copies what it needs and keeps no hold of its own while it waits.
using ViewHandle = std::shared_ptr<const View>;

}  // namespace gw::catalog
