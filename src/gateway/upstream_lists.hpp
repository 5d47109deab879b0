#pragma once

#include "async/gate.hpp"
#include "gateway/list_keeper.hpp"
#include "gateway/upstream_status.hpp"
#include "mcp/capabilities.hpp"
#include "mcp/route.hpp"

#include <array>
#include <bitset>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace gw::gateway {

// What one upstream server lists, to every class of clients that has come. Most servers list the
// same to all; so the lists for clients without abilities come first, serve everybody at once, and
// are compared with those for clients that can do everything. Only a server for which they differ
// is listed for each class.
class UpstreamLists final : ListKeeper::Owner {
public:
    // What they share. All of it outlives them.
    struct Around {
        async::Loop& loop;
        async::Wheel& wheel;
        async::Gate& gate;
        CatalogueSource& source;
        const ListTimes& times;
        // One of the copies was listed, or could not be.
        std::function<void(UpstreamLists&, const ListKeeper&, const ListKeeper::Attempt&)> tried;
        std::function<void(UpstreamLists&)> ended;  // May destroy it: it was not wanted any more.
    };

    UpstreamLists(Around& around, auth::UpstreamNumber index, std::string name);

    // What clients of one class are shown.
    struct Standing {
        catalog::ListingHandle listing = {};  // Null when nothing is known.
        std::shared_ptr<const catalog::Freshness> freshness = {};
        const ListKeeper* from = nullptr;
        bool is_exact = false;    // It was listed for this class, by the server as it is now.
        bool is_settled = false;  // There is nothing better that could be had soon.
    };

    // What is known for clients of this class: of their own class, else of another one, else what
    // the configuration before knew.
    Standing standing(ListClass list_class) const;

    // False until it is known whether the server answers at all.
    bool was_tried() const;

    // Whether the last attempt to list it went well.
    bool is_ready() const { return was_tried() && !first()->error(); }

    // True when it was listed, and has sessions.
    bool has_sessions() const;

    // The gateways that it leads to.
    const mcp::Instances& instances() const;

    // All of it is listed again, soon.
    void look_again();

    // A client of this class has come: it is listed for it, as far as that is another list.
    void want(ListClass list_class);

    // Whether it is configured. When it is no more, everything of it ends by and by.
    void set_wanted(bool is_wanted);

    bool is_wanted() const override { return is_wanted_; }

    // True when nothing of it runs.
    bool is_idle() const;

    // Shows what the server of the same name listed before, until it has been listed itself.
    void inherit(const UpstreamLists& before);

    auth::UpstreamNumber index() const { return index_; }

    const std::string& name() const { return name_; }

    // For the status of the gateway.
    UpstreamStatus status() const;

    // Why nothing is known of it, in a sentence that clients may read.
    std::string reason() const;

private:
    std::unique_ptr<CatalogueLease> open(ListKeeper& keeper, CatalogueSource::Changed changed)
        override;
    void tried(ListKeeper& keeper, const ListKeeper::Attempt& attempt) override;
    void ended(ListKeeper& keeper) override;

    const ListKeeper* first() const { return keepers_.front().get(); }

    const ListKeeper* last() const { return keepers_.back().get(); }

    bool is_settled(ListClass list_class) const;
    bool leads_back() const;
    UpstreamStatus::Spoken spoken(bool is_listed_stateless) const;
    void start(ListClass list_class);
    void start_wanted();

    Around& around_;
    auth::UpstreamNumber index_;
    std::string name_;
    bool is_wanted_ = true;
    std::bitset<mcp::list_class_count> wanted_;  // Classes that clients have come with.
    std::optional<bool> is_uniform_;             // It lists the same to all.
    std::array<std::unique_ptr<ListKeeper>, mcp::list_class_count> keepers_;
    std::array<catalog::ListingHandle, mcp::list_class_count> inherited_;
};

}  // namespace gw::gateway
