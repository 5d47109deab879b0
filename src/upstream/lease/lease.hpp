#pragma once

#include "async/budget.hpp"
#include "async/gate.hpp"
#include "async/visitors.hpp"
#include "base/bytes.hpp"
#include "catalog/listing.hpp"
#include "mcp/capabilities.hpp"
#include "mcp/log_level.hpp"
#include "mcp/peer.hpp"
#include "mcp/route.hpp"
#include "upstream/ground/environment.hpp"
#include "upstream/ground/link.hpp"

#include <boost/intrusive/list.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace gw::gateway {
class ClientTasks;
}

namespace gw::upstream {

// The methods that begin and end a subscription to one resource.
bool is_subscription(std::string_view method);

// An upstream session of ours: for one client session, or for the catalogue. It is opened by the
// first call, opened again once when the server has lost it, with the log level and the
// subscriptions that it had, and closed when it has been idle for long. Calls that are under way
// keep the session that they began in until they end. close() is awaited before it is destroyed.
class Lease final : public mcp::Peer {
public:
    // Makes a link that is not open yet.
    using MakeLink = std::function<std::unique_ptr<Link>(LinkPurpose)>;

    // `tasks` translates for a client of the revision that has them in its core; null for others.
    Lease(
        Environment& around,
        const Config& config,
        const mcp::ClientCapabilities& capabilities,
        MakeLink make_link,
        gateway::ClientTasks* tasks = nullptr
    );
    ~Lease() override;

    Task<Result<mcp::Answer>> call(mcp::Request&& request, mcp::Exchange& caller) override;
    void notify(std::string_view method, std::string_view params) override;

    bool may_require_input() const override;

    // True when the server may ask this, but the client has not declared that it can be asked.
    bool is_beyond_client(std::string_view method, std::string_view params) const {
        return config_.declares_all && mcp::allows(declared_, method, params) &&
               !mcp::allows(client_, method, params);
    }

    // Puts to `caller` what the server asks; what was not declared to it is refused.
    Task<Result<mcp::Answer>> ask(mcp::Exchange& caller, mcp::ServerRequest request);

    // Passes to `caller` what the server says.
    Task<Result<void>> tell(mcp::Exchange& caller, mcp::Notification notification);

    // The same for progress of no running call: that of a task goes on when its call was answered.
    // Any other is dropped.
    Task<Result<void>> tell_progress(mcp::Exchange& caller, mcp::Notification notification);

    // The level that the server is told as soon as it is connected.
    void set_log_level(mcp::LogLevel level) { log_level_ = level; }

    // Lists everything that the server offers, all pages. `caller` hears what it says meanwhile.
    Task<Result<catalog::ListingHandle>> list(mcp::Exchange& caller);

    // True when it may ask for anything at all.
    bool may_ask_anything() const;

    // Makes it open the session again, after a pause that grows, when the server has forgotten it
    // and nothing is called; `reopened` is told. A lease with subscriptions always does. All others
    // leave that to the next call.
    void keep_open(std::function<void()> reopened) { reopened_ = std::move(reopened); }

    bool is_open() const { return link_ != nullptr; }

    // Where the server leads, by what it said when it was last connected. One that leads back here
    // is not opened: its calls would come here again.
    const mcp::Route& route() const { return route_; }

    // True when the server was found to be stateless.
    bool is_stateless() const { return profile_.is_stateless; }

    bool has_subscriptions() const { return !subscriptions_.empty(); }

    // Drops its link, if it is open and nothing would be lost but what the server remembers: no
    // call runs or waits, no subscription is there, and no task was begun in it.
    bool give_up();

    // When it was last used; a running call uses it now.
    TimePoint last_used() const;

    // Begins to close the link, if any; the next call opens another.
    void drop() {
        is_lost_ = false;
        drop_link();
    }

    // Begins to end everything, calls too. Nothing is opened any more.
    void end();

    // The same, and returns when nothing of it runs any more.
    Task<> close();

private:
    // A link that is open, and the calls in it, which are in this one until they have returned.
    struct OpenLink : boost::intrusive::list_base_hook<
                          boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
        explicit OpenLink(async::Loop& loop) : calls(loop) {}

        std::unique_ptr<Link> link;
        async::Visitors calls;
    };

    struct Call;    // One call of the lease.
    struct Waiter;  // Somebody who waits for the link to be open.

    // Something can be called without waiting.
    bool is_ready() const { return link_ != nullptr && link_->link->is_usable(); }

    bool has_client_s_tasks() const { return tasks_ != nullptr && profile_.core_tasks.calls; }

    void put_task_token(mcp::Request& request);
    Task<Result<void>> tell_of_task(mcp::Exchange& caller, mcp::Notification notification);
    Task<Result<mcp::Answer>> ask_of_task(mcp::Exchange& caller, mcp::ServerRequest request);
    Task<Result<mcp::Answer>> call_in(
        OpenLink& open, const mcp::Request& request, mcp::Exchange& caller
    );
    Task<Result<mcp::Answer>> call_in_turn(
        OpenLink& open, const mcp::Request& request, mcp::Exchange& caller
    );
    Task<Result<mcp::Answer>> call_as_task(mcp::Request request, mcp::Exchange& caller);
    Task<Result<mcp::Answer>> call_bare(
        OpenLink& open, const mcp::Request& request, mcp::Exchange& caller
    );
    Task<> raise_log_level(Link& link, mcp::LogLevel wanted);
    Task<Result<void>> ensure_open(TimePoint until, mcp::Exchange& caller);
    Task<> open();
    Task<Result<void>> try_to_open();
    Task<Result<void>> introduce(Link& link);
    Task<Result<void>> restore(Link& link);
    Task<> subscribe_again(Link& link, std::string uri, Result<void>& outcome);
    void lose();
    Task<> reopen();
    void drop_link();
    void end_links();
    void remember(const mcp::Request& request);
    void forget(const mcp::Request& unsubscribe);
    Result<void> check_input(const Result<mcp::Answer>& answer) const;
    Result<void> check_task(const Result<mcp::Answer>& answer) const;
    Result<void> check_asked(std::string_view result) const;
    Task<Result<void>> add_items(
        catalog::Kind kind, catalog::Listing& listing, mcp::Exchange& caller
    );
    Task<Result<Slice>> list_page(
        catalog::Kind kind, const std::string& cursor, mcp::Exchange& caller
    );
    void retire(std::unique_ptr<OpenLink> link);
    static Task<> finish(std::unique_ptr<OpenLink> link, async::Visitors::Visit visit);

    Environment& around_;
    const Config& config_;
    mcp::ClientCapabilities client_;
    mcp::ClientCapabilities declared_;
    std::string initialize_params_;
    MakeLink make_link_;
    gateway::ClientTasks* tasks_;
    std::unique_ptr<OpenLink> link_;  // The one for new calls; null while it is not open.
    boost::intrusive::list<OpenLink, boost::intrusive::constant_time_size<false>> old_links_;
    catalog::ServerProfile profile_;
    mcp::Route route_;
    async::Visitors inside_;    // Calls.
    async::Visitors retiring_;  // What closes old links.
    async::Gate gate_;          // The same.
    async::Gate opening_;       // At most one task, which opens the link for all who wait.
    async::Gate reopening_;  // At most one task, which sees to it that a lost one is opened again.
    std::vector<Waiter*> waiting_;
    bool is_opening_ = false;
    bool names_asker_ = false;
    bool has_tasks_ = false;  // Begun in this link.
    TimePoint last_used_;
    std::function<void()> reopened_;  // Empty: it is of no interest.
    bool is_lost_ = false;            // reopen() has to do.
    TimePoint opened_at_;
    std::chrono::milliseconds reopen_pause_{0};
    std::optional<mcp::LogLevel> log_level_;
    std::set<std::string, std::less<>> subscriptions_;  // URIs, as JSON strings.
    async::Budget subscribing_;  // Requests of that at a time, to a server with sessions.
};

}  // namespace gw::upstream
