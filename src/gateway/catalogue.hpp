#pragma once

#include "async/gate.hpp"
#include "async/wheel.hpp"
#include "catalog/view.hpp"
#include "gateway/topology.hpp"
#include "gateway/upstream_lists.hpp"
#include "gateway/upstream_news.hpp"
#include "mcp/capabilities.hpp"
#include "mcp/route.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gw::gateway {

// What all upstream servers list (UpstreamLists), merged for each virtual server and each class of
// clients that has come. It runs on one shard; a change makes new views and publishes them.
class Catalogue {
public:
    struct Key {
        auth::ServerNumber server = 0;
        ListClass list_class = 0;

        auto operator<=>(const Key&) const = default;
    };

    // Which lists differ from the view before, or have changed by the word of their server.
    using Changes = ListChanges;

    // Why there is another view.
    struct News {
        Changes changes{};
        // The server that lists something else; none when the configuration is another, or nobody
        // had asked for this view before.
        std::optional<auth::UpstreamNumber> from = {};
    };

    using Publish = std::function<void(Key, catalog::ViewHandle, const News&)>;
    using Report = UpstreamNews::Report;

    struct Times {
        std::chrono::milliseconds first_wait{3000};  // For servers that are still starting.
        ListTimes lists = {};
    };

    // What it needs; the references outlive it.
    struct Parts {
        async::Loop& loop;
        async::Wheel& wheel;
        const catalog::CursorSeal& seal;
        CatalogueSource& source;
        Publish publish;
        Report report;
        Times times;
        std::string instance;  // The id of this gateway, see mcp/route.hpp.
    };

    explicit Catalogue(Parts parts);
    ~Catalogue();

    // A change. An upstream server that is reached in another way now has another number; what it
    // listed before serves until it has been listed again.
    void set_topology(TopologyHandle topology);

    // What servers list is read in another way from now on: all are listed again.
    void list_again();

    void set_times(const Times& times) { parts_.times = times; }

    // The view of a server. While nothing at all is known of one of its upstream servers it waits,
    // up to Times::first_wait; a view comes in any case. Fails only when it is withdrawn.
    Task<Result<catalog::ViewHandle>> get(
        auth::ServerNumber server, const mcp::ClientCapabilities& capabilities
    );

    // The same, but waits as long as there may be something better soon: no longer than
    // Times::first_wait after `since`.
    Task<Result<catalog::ViewHandle>> settled(
        auth::ServerNumber server, const mcp::ClientCapabilities& capabilities, TimePoint since
    );

    // How many upstream servers fail at the moment, by their last attempt.
    std::size_t failing() const;

    // Those that have sessions, by what they were listed as and have shown since; none while one
    // was not tried yet.
    std::vector<auth::UpstreamNumber> with_sessions() const;

    // How it stands with each upstream server that is configured.
    std::vector<UpstreamStatus> status() const;

    // Ends all sessions for listing, and returns when nothing runs any more. Called once, before
    // the destructor.
    Task<> close();

private:
    using UpstreamNumbers = std::vector<auth::UpstreamNumber>;
    using IsEnough = bool (*)(const UpstreamLists& lists, ListClass list_class);

    void want(Key key);
    void tried(UpstreamLists& lists, const ListKeeper& keeper, const ListKeeper::Attempt& attempt);
    void tell_when_all_are_ready();
    std::vector<Key> views_with(auth::UpstreamNumber upstream) const;
    Task<Result<catalog::ViewHandle>> wait(Key key, TimePoint until, IsEnough is_enough);
    bool are_enough(Key key, IsEnough is_enough) const;
    void rebuild(Key key);
    void rebuild_if_changed(Key key, const News& announced);
    void make_view(
        Key key, std::vector<catalog::Source> sources, catalog::Gaps gaps, const News& announced
    );
    const UpstreamNumbers& upstreams_of(Key key) const;
    mcp::Instances instances_behind(Key key) const;
    std::uint64_t order_behind(Key key) const;
    std::vector<catalog::Source> collect(Key key, catalog::Gaps& gaps) const;

    Parts parts_;
    UpstreamNews news_;
    TopologyHandle topology_;
    async::Gate gate_;
    UpstreamLists::Around around_;
    std::map<auth::UpstreamNumber, std::unique_ptr<UpstreamLists>> lists_;
    catalog::PartMaker part_maker_;
    std::map<Key, catalog::ViewHandle> views_;
    std::vector<async::Event*> waiting_;  // For servers to be listed.
};

}  // namespace gw::gateway
