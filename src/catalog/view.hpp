#pragma once

#include "auth/permit.hpp"
#include "base/error.hpp"
#include "base/text_hash.hpp"
#include "catalog/cursor.hpp"
#include "catalog/form.hpp"
#include "catalog/freshness.hpp"
#include "catalog/listing.hpp"
#include "catalog/uri_template.hpp"
#include "mcp/mirrored.hpp"
#include "mcp/results.hpp"
#include "mcp/route.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
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

// What an operator lets an upstream server show of its tools, by its own names for them.
struct ToolChoice {
    std::vector<std::string> shown;   // Empty: all of them.
    std::vector<std::string> hidden;  // "*": all of them.

    bool is_everything() const { return shown.empty() && hidden.empty(); }

    bool has(std::string_view name) const;

    bool operator==(const ToolChoice&) const = default;
};

// One upstream server's part in a view.
struct Source {
    auth::UpstreamIndex upstream = 0;
    std::string name;    // Its key in the configuration.
    std::string prefix;  // What it is called in qualified names.
    ListingHandle listing;
    std::shared_ptr<const Freshness> freshness = {};  // Null when nothing is known of it.
    ToolChoice tools = {};
};

// What a view lacks as yet.
struct Gaps {
    struct Missing {
        auth::UpstreamIndex upstream = 0;
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

// Something a client can name: where it is, and what it is called there.
struct Entry {
    std::string name;
    std::string quoted_original;  // The upstream's name for it, as a JSON string.
    auth::UpstreamIndex upstream = 0;
    std::vector<mcp::MirrorRule> mirror_rules = {};  // Of a tool: arguments that go as headers.
    bool needs_task = false;                         // Of a tool: see mcp::Request.
    bool has_wrapped_output = false;                 // Of a tool: see Form::object_output_schema.

    auth::Object as_object() const { return {.name = name, .upstream = upstream}; }
};

// What all the upstream servers behind one virtual server list, merged, at one moment. Immutable,
// so every shard may read the same one without locks; a change makes a new one.
class View {
public:
    // Sources in the order in which their items are listed. `problems` collects what had to be
    // resolved: names that collide, resources listed twice, tools whose x-mcp-header is invalid.
    // `instances`: this gateway, and those that the servers lead to.
    View(
        const ViewRules& rules,
        std::vector<Source> sources,
        const CursorSeal& seal,
        std::vector<std::string>& problems,
        Gaps gaps = {},
        mcp::Instances instances = {}
    );

    // The tool or prompt called `name`, or Errc::not_found. It lives as long as the view.
    Result<const Entry*> find(Kind kind, std::string_view name) const;

    // The one server behind a view that shows everything of it under its own names, if this is such
    // a view: servers know names that they do not list, and answer unknown ones in their own way.
    std::optional<auth::UpstreamIndex> transparent_for(Kind kind) const;

    // Who has the resource: an exact match, else the first template that fits. With one server it
    // is that one whatever the URI: servers have resources that they do not list.
    Result<auth::Object> find_resource(std::string_view uri) const;

    // Who has the template.
    Result<auth::Object> find_template(std::string_view uri_template) const;

    // The result of a list request: `{"tools":[...],"nextCursor":...}`; with_cache() completes one
    // for stateless clients. A cursor of an older view goes on at the same place of this one.
    Result<std::shared_ptr<const std::string>> page(Kind kind, Form form, std::string_view cursor)
        const;

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
    std::string_view name_of(auth::UpstreamIndex upstream) const;

    // How many there will be.
    std::size_t server_count() const { return sources_.size() + gaps_.missing.size(); }

    // The union of what the servers can do.
    const ServerProfile& profile() const { return profile_; }

    // Differs whenever the contents do.
    std::uint64_t generation() const { return generation_; }

    // True when both list the same items of `kind`.
    static bool are_equal(const View& a, const View& b, Kind kind);

private:
    using Index = std::unordered_map<std::string, Entry, TextHash, std::equal_to<>>;
    using Pages = std::vector<std::shared_ptr<const std::string>>;

    void add_named(Kind kind, const ViewRules& rules, std::vector<std::string>& problems);
    void add_resources(Kind kind, const ViewRules& rules, std::vector<std::string>& problems);
    void merge_profiles(const ViewRules& rules);
    Pages render(Kind kind, Form form, const CursorSeal& seal) const;

    std::vector<Source> sources_;
    Gaps gaps_;
    mcp::Instances instances_;
    ServerProfile profile_;
    std::uint64_t generation_ = 0;
    std::size_t page_size_;
    std::optional<auth::UpstreamIndex> only_;  // The only server that there is.
    bool has_plain_names_;
    std::array<bool, kind_count> is_whole_{};  // Shows all that there is of a kind.
    const CursorSeal& seal_;
    std::array<Index, kind_count> index_;
    std::vector<std::pair<UriTemplate, auth::UpstreamIndex>> templates_;
    std::array<std::vector<std::string>, kind_count> items_;  // As clients see them.
    std::array<std::array<Pages, forms.size()>, kind_count> pages_;
};

// A shard's hold on the current view. A message swaps it, so between two awaits it may name
// another one; a call copies what it needs and keeps no hold of its own while it waits.
using ViewHandle = std::shared_ptr<const View>;

}  // namespace gw::catalog
