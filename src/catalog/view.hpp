#pragma once

#include "auth/permit.hpp"
#include "base/error.hpp"
#include "catalog/cursor.hpp"
#include "catalog/form.hpp"
#include "catalog/kind_view.hpp"
#include "catalog/part.hpp"
#include "catalog/source.hpp"
#include "mcp/results.hpp"
#include "mcp/route.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
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
};

// What all the upstream servers behind one virtual server list, merged, at one moment. Immutable,
// so every shard may read the same one without locks; a change makes a new one, which costs what
// the parts that changed cost, and a little for each server.
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

    // The tool or prompt called `name`, or Errc::not_found. It lives as long as the view.
    Result<const Entry*> find(Kind kind, std::string_view name) const;

    // The one server behind a view that shows everything of it under its own names, if this is such
    // a view: servers know names that they do not list, and answer unknown ones in their own way.
    std::optional<auth::UpstreamNumber> transparent_for(Kind kind) const;

    // Who has the resource: an exact match, else the first template that fits. With one server it
    // is that one whatever the URI: servers have resources that they do not list.
    Result<auth::Object> find_resource(std::string_view uri) const;

    // Who has the template.
    Result<auth::Object> find_template(std::string_view uri_template) const;

    // The result of a list request, made anew: `{"tools":[...],"nextCursor":...}`; with_cache()
    // completes one for stateless clients. At most page_size items, and no more after
    // page_bytes_max. `begin` comes from begin_of().
    std::string page(Kind kind, Form form, std::uint32_t begin) const;

    static constexpr std::size_t page_bytes_max = std::size_t{4} * 1024 * 1024;

    // How many items are listed before the page with this cursor; 0 for an empty one. A cursor of
    // an older view goes on at the same place of this one.
    Result<std::uint32_t> begin_of(Kind kind, std::string_view cursor) const;

    // How long, and by whom, the lists of `kind` may be kept at `now`: no longer than any of the
    // servers says, nor than `most`.
    // A view with gaps soon is another one, so nobody keeps it for long.
    mcp::Cache cache_of(Kind kind, TimePoint now, std::chrono::milliseconds most) const;

    // The same for what the servers say of themselves.
    mcp::Cache cache_of_profile(std::chrono::milliseconds most) const;

    const std::vector<Source>& sources() const { return sources_; }

    const Gaps& gaps() const { return gaps_; }

    const mcp::Instances& instances() const { return instances_; }

    // A server's key in the configuration; empty when it is not in this view.
    std::string_view name_of(auth::UpstreamNumber upstream) const;

    // How many there will be.
    std::size_t server_count() const { return sources_.size() + gaps_.missing.size(); }

    // The union of what the servers can do.
    const ServerProfile& profile() const { return profile_; }

    // Differs whenever the contents do.
    std::uint64_t generation() const { return generation_; }

    // No other view of this process has it.
    std::uint64_t serial() const { return serial_; }

    // True when both list the same items of `kind`.
    static bool are_equal(const View& a, const View& b, Kind kind);

private:
    KindView::Base take_parts(const ViewTerms& terms, std::vector<std::string>& problems);
    void merge_profiles(const ViewRules& rules);
    std::string shown(Kind kind, Form form, const Member& member) const;

    const KindView& of(Kind kind) const { return kinds_[static_cast<std::size_t>(kind)]; }

    std::vector<Source> sources_;
    std::vector<PartHandle> parts_;  // Of each source.
    Gaps gaps_;
    mcp::Instances instances_;
    ServerProfile profile_;
    std::uint64_t generation_ = 0;
    std::uint64_t serial_;
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
