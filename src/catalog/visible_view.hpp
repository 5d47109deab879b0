#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "catalog/form.hpp"
#include "catalog/view.hpp"
#include "catalog/visible_set.hpp"
#include "mcp/results.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gw::catalog {

// A view as somebody sees it: the only way to what a view lists, so nothing of it is named, listed
// or passed on without asking whether it is seen. Names, the order of lists and cursors are those
// of the whole view, and the same for everybody; what is not seen answers as what is not there. A
// value of two pointers: the view, and a set or null, outlive it (HeldView).
class VisibleView {
public:
    // `visible`: null for everything.
    VisibleView(const View& view, const VisibleSet* visible) : view_(&view), visible_(visible) {}

    // The tool or prompt called `name`, or Errc::not_found. It lives as long as the view.
    Result<const Entry*> find(Kind kind, std::string_view name) const;

    // The one server behind a view that shows everything of it under its own names, if this is such
    // a view, and all of it is seen: servers know names that they do not list, and answer unknown
    // ones in their own way.
    std::optional<auth::UpstreamNumber> transparent_for(Kind kind) const;

    // Who has the resource: an exact match, else the first template that fits. With one server of
    // which all is seen it is that one whatever the URI: servers have resources that they do not
    // list. A resource that is listed and not seen is not there, even if a template fits.
    Result<auth::Object> find_resource(std::string_view uri) const;

    // Who has the template.
    Result<auth::Object> find_template(std::string_view uri_template) const;

    // The result of a list request, made anew: `{"tools":[...],"nextCursor":...}`; with_cache()
    // completes one for stateless clients. At most page_size items, and no more after
    // page_bytes_max; none only when none follows. `begin` comes from begin_of().
    std::string page(Kind kind, Form form, std::uint32_t begin) const;

    static constexpr std::size_t page_bytes_max = std::size_t{4} * 1024 * 1024;

    // How many items of the whole view stand before the page with this cursor; 0 for an empty one.
    // One of another view goes on after what had been listed. Where that cannot be told, because
    // the server that is next has put others in front, it begins with that server again, and when
    // servers are in another order with the first: what stayed may come twice, and is never left
    // out.
    Result<std::uint32_t> begin_of(Kind kind, std::string_view cursor) const;

    // How long, and by whom, the lists of `kind` may be kept at `now`: no longer than any of the
    // servers says, nor than `most`. A view with gaps soon is another one, so nobody keeps it for
    // long; and what not everybody sees is kept for one alone.
    mcp::Cache cache_of(Kind kind, TimePoint now, std::chrono::milliseconds most) const;

    // The same for what the servers say of themselves.
    mcp::Cache cache_of_profile(std::chrono::milliseconds most) const;

    // The servers of which anything is seen, in the order of lists.
    std::vector<const Source*> sources() const;

    // Those of which nothing is known; nobody knows either whether anything of them would be seen,
    // so who does not see everything sees none.
    std::span<const Gaps::Missing> missing() const;

    // False while nothing is known of any server, seen or not.
    bool has_sources() const { return !view_->sources().empty(); }

    // False: something better may be had soon.
    bool is_settled() const { return view_->gaps().is_settled; }

    // What all servers of the view can do together, seen or not: it is the virtual server that
    // offers it.
    const ServerProfile& profile() const { return view_->profile_; }

    // What is to be said to a model: the virtual server's own words, and those of the servers of
    // which anything is seen.
    std::string instructions() const;

    const mcp::Instances& instances() const { return view_->instances(); }

    // How many servers there will be.
    std::size_t server_count() const { return view_->server_count(); }

    // Two that have both in common show the same.
    std::uint64_t serial() const { return view_->serial_; }

    VisibleSet::Digest digest() const {
        return visible_ ? visible_->digest() : VisibleSet::Digest();
    }

private:
    bool sees(Kind kind, const Member& member) const {
        return visible_ == nullptr || visible_->has(kind, member);
    }

    Position position(Kind kind, std::uint32_t number) const;
    std::uint32_t place_of(const Position& position) const;
    std::uint64_t digest_of(const Source& source) const;
    std::uint64_t digest_of_names(Kind kind, std::uint32_t begin, std::uint32_t end) const;
    std::string shown(Kind kind, Form form, const Member& member) const;

    const View* view_;
    const VisibleSet* visible_;
};

// A view as somebody sees it, with what keeps it: for those who wait.
class HeldView {
public:
    HeldView(ViewHandle view, VisibleSetHandle visible)
        : view_(std::move(view)), visible_(std::move(visible)), seen_(*view_, visible_.get()) {}

    const VisibleView& operator*() const { return seen_; }

    const VisibleView* operator->() const { return &seen_; }

    // For another view to be made of.
    const ViewHandle& view() const { return view_; }

private:
    ViewHandle view_;
    VisibleSetHandle visible_;
    VisibleView seen_;
};

}  // namespace gw::catalog
