#pragma once

#include "async/event.hpp"
#include "async/wheel.hpp"
#include "catalog/freshness.hpp"
#include "gateway/catalogue_source.hpp"
#include "mcp/route.hpp"

#include <array>
#include <chrono>
#include <memory>
#include <optional>

namespace gw::gateway {

// A class of clients who are shown the same lists: mcp::list_class_of().
using ListClass = std::uint8_t;

// Which lists have changed, by kind.
using ListChanges = std::array<bool, catalog::kind_count>;

// When lists are fetched again. Without a word of the server: after `refresh`.
struct ListTimes {
    std::chrono::milliseconds refresh{300'000};
    // The same when that starts a process, and nothing runs that could tell of changes.
    std::chrono::milliseconds process_refresh{3'600'000};
    std::chrono::milliseconds settle{10};  // Changes within it are one change.
    // A session that has listed is kept for so long: many servers add tools right after they have
    // heard what a client can do.
    std::chrono::milliseconds linger{1000};
};

// Keeps what one upstream server lists to one class of clients: lists again when the server says
// so, when the copy is old, and with growing pauses while the server fails, whose last good copy
// stays. The upstream session ends when it has listed, unless it is the one that hears of changes.
//
// Some servers say of each list that they are asked for that it has changed. While what they list
// stays the same they are asked after pauses that grow, and clients are not told for ever.
class ListKeeper {
public:
    // Which of a server's copies it is.
    enum class Role : std::uint8_t {
        first,  // For clients without abilities: hears of changes, and is looked after for ever.
        other,  // Listed when it is told to.
    };

    // What came of one attempt to list.
    struct Attempt {
        std::optional<Error> error = {};
        bool is_different = false;  // The copy is another one now.
        ListChanges announced{};    // What the server said has changed since the last good one.
        std::chrono::milliseconds took{0};
        std::chrono::milliseconds retry{0};  // When it failed: until the next one.
    };

    // Whose it is.
    class Owner {
    public:
        virtual std::unique_ptr<CatalogueLease> open(
            ListKeeper& keeper, CatalogueSource::Changed changed
        ) = 0;
        virtual bool is_wanted() const = 0;
        virtual void tried(ListKeeper& keeper, const Attempt& attempt) = 0;
        virtual void ended(ListKeeper& keeper) = 0;  // May destroy the keeper.

    protected:
        ~Owner() = default;
    };

    // All of these outlive it.
    ListKeeper(
        async::Loop& loop,
        async::Wheel& wheel,
        const ListTimes& times,
        Owner& owner,
        ListClass list_class,
        Role role
    );

    // Runs for as long as the owner wants it. Only one at a time.
    Task<> run();

    // Makes it list again soon.
    void look_again(const ListChanges& announced = {});

    ListClass list_class() const { return class_; }

    // The last good copy, or null.
    const catalog::ListingHandle& listing() const { return listing_; }

    const std::shared_ptr<catalog::Freshness>& freshness() const { return freshness_; }

    bool was_tried() const { return was_tried_; }

    // Where the server led when it last answered.
    const mcp::Route& route() const { return route_; }

    // Of the last attempt; nothing when it succeeded.
    const std::optional<Error>& error() const { return error_; }

    // When the last attempt began to succeed, or to fail.
    TimePoint since() const { return since_; }

    std::optional<TimePoint> next_try() const { return next_try_; }

    // When the last good copy was fetched, or found to be as before.
    std::optional<TimePoint> listed() const { return listed_; }

private:
    void changed(std::string_view method);
    void take(Result<catalog::ListingHandle> listing, Attempt attempt);
    void note_announced(Attempt& attempt);
    bool hears_changes() const;
    Task<> rest();
    Task<> settle();
    Task<bool> pause(std::chrono::milliseconds time);
    Task<> close_lease();

    async::Loop& loop_;
    async::Wheel& wheel_;
    const ListTimes& times_;
    Owner& owner_;
    ListClass class_;
    Role role_;
    std::unique_ptr<CatalogueLease> lease_;
    catalog::ListingHandle listing_;
    mcp::Route route_;
    std::shared_ptr<catalog::Freshness> freshness_ = std::make_shared<catalog::Freshness>();
    bool was_tried_ = false;
    std::optional<Error> error_;
    TimePoint since_;
    std::optional<TimePoint> next_try_;
    std::optional<TimePoint> listed_;
    ListChanges announced_{};  // Until clients have been told.
    TimePoint announced_at_;   // When the first of these came.
    TimePoint asked_at_;       // When it was listed last, or is.
    unsigned same_ = 0;        // Lists in a row that had not changed, though the server said so.
    bool is_urgent_ = false;   // It is not only a server that wants it to list again.
    async::Event wake_;        // It is to list again, or to end.
};

}  // namespace gw::gateway
