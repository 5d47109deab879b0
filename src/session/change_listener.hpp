#pragma once

#include "async/event.hpp"
#include "mcp/peer.hpp"

#include <boost/intrusive/list.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::session {

// The notifications that tell of changed lists: tools, prompts, resources.
constexpr std::array<std::string_view, 3> list_changes{
    "notifications/tools/list_changed",
    "notifications/prompts/list_changed",
    "notifications/resources/list_changed"
};

constexpr std::string_view resource_updated = "notifications/resources/updated";

// One `subscriptions/listen` of a stateless client: what it wants to hear, and what of that has
// happened and was not told yet. Changes of one thing that come together are told once.
class ChangeListener final : public mcp::Withdrawable,
                             public boost::intrusive::list_base_hook<
                                 boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    struct Filter {
        std::array<bool, list_changes.size()> lists{};
        std::vector<std::string> uris;
    };

    struct Change {
        std::string_view method;
        std::string uri;  // Of resource_updated.
    };

    ChangeListener(async::Loop& loop, Filter filter) : changed_(loop), filter_(std::move(filter)) {}

    const Filter& filter() const { return filter_; }

    // Hears of these resources only, of those that it was made for.
    void narrow(std::vector<std::string> uris);

    // The list of this place in `list_changes` has changed.
    void list_changed(std::size_t which);

    // A resource, or one below it (server/resources, Subscriptions).
    void updated(std::string_view uri);

    // What happened next; nothing once the stream is to end.
    Task<std::optional<Change>> next();

    void withdraw() override { end(); }

    // From now on next() returns nothing; what was not told is forgotten.
    void end();

private:
    bool covers(std::string_view uri) const;

    async::Event changed_;
    Filter filter_;
    std::array<bool, list_changes.size()> changed_lists_{};
    std::vector<std::string> updated_;  // At most as many as there are URIs in the filter, and few.
    bool has_ended_ = false;
};

}  // namespace gw::session
