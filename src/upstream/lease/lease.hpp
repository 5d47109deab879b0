#pragma once

#include "async/event.hpp"
#include "async/gate.hpp"
#include "async/semaphore.hpp"
#include "async/visitors.hpp"
#include "base/bytes.hpp"
#include "catalog/listing.hpp"
#include "mcp/capabilities.hpp"
#include "mcp/log_level.hpp"
#include "mcp/peer.hpp"
#include "mcp/route.hpp"
#include "telemetry/metrics.hpp"
#include "upstream/ground/link.hpp"
#include "upstream/ground/link_resources.hpp"

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

// True for resources/subscribe and resources/unsubscribe.
bool is_subscription(std::string_view method);

// One upstream session, of a client session or of the catalogue. The first call opens it. When the
// server has lost it, it is opened again, with the log level and the subscriptions that it had, and
// the call is made once more, if it cannot have run. A link that is a makeshift (see Link) gives
// way to another one after a while, with a call. drop() closes it until the next call. A call keeps
// the link that it began in until it ends.
//
// It belongs to one shard. close() is awaited before it is destroyed.
class Lease final : public mcp::Peer {
public:
    // Makes a link that is not open yet. It sets what else the purpose needs.
    using MakeLink = std::function<std::unique_ptr<Link>(LinkPurpose)>;

    // All references outlive it. `capabilities` are the client's; of them the server is told those
    // that `config` lets it use. A link is closed before what it was made with is let go. `tasks`
    // translates the ids of tasks for a client of the revision that has tasks in its core; null for
    // others.
    Lease(
        LinkResources& around,
        ConfigHandle config,
        const mcp::ClientCapabilities& capabilities,
        MakeLink make_link,
        gateway::ClientTasks* tasks = nullptr
    );
    ~Lease() override;

    std::string_view name() const override { return config_->name; }

    // The server is reached in another way from now on, which the next links are made for. Calls
    // end in the links that they began in; what the server was told is told it anew. A task is
    // known in the session only in which it was begun: that is kept until its outcome was fetched,
    // for tasks_max at most, and asked about it.
    void move_to(ConfigHandle config);

    static constexpr std::chrono::hours tasks_max{1};

    // As mcp::Peer has it. It waits for the link to be open first, within the deadline of the
    // request; without one that is Config::call_timeout. Errc::capability_missing when the server
    // asked for what the client has not declared; Errc::unknown_method for a subscription at a
    // server that has none.
    Task<Result<mcp::Answer>> call(mcp::Request&& request, mcp::Exchange& caller) override;
    void notify(std::string_view method, std::string_view params) override;

    // True while it is not known that the server has sessions.
    bool may_require_input() const override;

    // True when the server may ask this, because it is told that every client can do it, but this
    // client has not declared it (see Config::declares_all).
    bool is_beyond_client(std::string_view method, std::string_view params) const {
        return config_->declares_all && mcp::allows(declared_, method, params) &&
               !mcp::allows(client_, method, params);
    }

    // Puts to `caller` what the server asks. What was not declared to the server is refused with
    // Errc::capability_missing or Errc::invalid_params.
    Task<Result<mcp::Answer>> ask(mcp::Exchange& caller, mcp::ServerRequest request);

    // Passes to `caller` a notification of the server, with the client's ids of tasks.
    Task<Result<void>> tell(mcp::Exchange& caller, mcp::Notification notification);

    // The same for progress that belongs to no running call: it is passed on if it is that of a
    // task, which goes on after its call was answered. Any other is dropped.
    Task<Result<void>> tell_progress(mcp::Exchange& caller, mcp::Notification notification);

    // The log level that the server is told when a link is opened; a link that is open is not told.
    void set_log_level(mcp::LogLevel level) { log_level_ = level; }

    // Lists everything that the server offers, all pages; opens the session if need be. `caller`
    // hears what the server says meanwhile. Items that cannot be used are left out and counted in
    // the log; any other failure is that of the whole. Each page may take Limits::list_timeout.
    Task<Result<catalog::ListingHandle>> list(mcp::Exchange& caller);

    // True when the server may ask the client for anything at all.
    bool may_ask_anything() const;

    // From now on the session is opened again when the server has forgotten it, even if nothing is
    // called: after a pause from 1 s to 30 s, which grows. Then `reopened` is called. Without this
    // a lease with subscriptions reopens as well, and any other on its next call.
    void keep_open(std::function<void()> reopened) { reopened_ = std::move(reopened); }

    // From now on `updated` is called for each resource that is subscribed to, as a JSON string,
    // once it is again after a time in which nothing of it was heard.
    void tell_missed(std::function<void(const std::string& uri)> updated) {
        updated_ = std::move(updated);
    }

    // True when there is a link for new calls.
    bool is_open() const { return link_ != nullptr; }

    // Where the server leads, by what it said when it was last connected. One that leads back here
    // is not opened: its calls would come here again.
    const mcp::Route& route() const { return route_; }

    // True when the server was stateless when it was last connected; false before.
    bool is_stateless() const { return profile_.is_stateless; }

    // The sessions that gave way to another and in which tasks were begun that were not fetched.
    std::vector<std::uint64_t> sessions_with_tasks() const;

    // True when resources are subscribed to.
    bool has_subscriptions() const { return !subscriptions_.empty(); }

    // Nothing is subscribed to again when the session is opened anew.
    void forget_subscriptions() { subscriptions_.clear(); }

    // True when calls run or wait in it.
    bool is_used() const { return !inside_.is_empty() || is_opening_; }

    // Does as drop() and returns true, if there is a link and nothing would be lost but what the
    // server remembers: no call runs or waits, nothing is subscribed to, and no task was begun in
    // it. Else false.
    bool give_up();

    // When its last call ended; now, while one runs.
    TimePoint last_used() const;

    // Begins to close the link, if there is one, when the calls in it have ended. The next call
    // opens another.
    void drop() {
        is_lost_ = false;
        if (link_) link_->tasks.clear();
        drop_link();
    }

    // Begins to end everything, calls too: they fail with Errc::cancelled. Nothing is opened any
    // more. May be called twice.
    void end();

    // The same, and returns when nothing of it runs any more. Called once.
    Task<> close();

private:
    // A link that is open, and the calls in it, which are in this one until they have returned.
    struct OpenLink : boost::intrusive::list_base_hook<
                          boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
        OpenLink(async::Loop& loop, ConfigHandle of);

        const std::uint64_t number;  // No other has it.
        const ConfigHandle server;
        std::unique_ptr<Link> link;
        TimePoint renew_at = TimePoint::max();  // It is looked then whether it is a makeshift.
        async::Visitors calls;
        std::set<std::string, std::less<>> tasks;  // Begun here, by JSON strings, and not fetched.
        async::Event task_ended;
    };

    struct Call;      // One call of the lease.
    struct Waiter;    // Somebody who waits for the link to be open.
    struct Restored;  // What comes of subscribing again.

    // Something can be called without waiting.
    bool is_ready() const { return link_ != nullptr && link_->link->is_usable(); }

    bool has_client_tasks() const { return tasks_ != nullptr && profile_.core_tasks.calls; }

    OpenLink* link_of(const mcp::Request& request);
    Result<void> take(OpenLink& open, const mcp::Request& request, Result<mcp::Answer>& answer);
    void note_tasks(OpenLink& open, const mcp::Request& request, Result<mcp::Answer>& answer);
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
    Task<Result<mcp::Answer>> send_in_turn(
        OpenLink& open, const mcp::Request& request, mcp::Exchange& caller
    );
    Task<Result<void>> ensure_open(TimePoint until, mcp::Exchange& caller);
    Task<> open();
    Task<Result<void>> try_to_open();
    void count_opening(bool is_open);
    Task<Result<void>> introduce(Link& link);
    Task<> tell_log_level(Link& link);
    void restore_subscriptions();
    Task<> subscribe_again(OpenLink& open, async::Visitors::Visit visit);
    Task<> subscribe_to(OpenLink& open, const std::string& uri, Restored& all);
    void lose();
    void begin_to_reopen();
    Task<> reopen();
    void drop_link();
    void note_renewal(OpenLink& open);
    void renew();
    void end_links();
    void remember(const mcp::Request& request);
    void forget(const mcp::Request& unsubscribe);
    Result<void> check_depth(const mcp::Answer& answer, std::string_view method) const;
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
    Task<> finish(std::unique_ptr<OpenLink> link, async::Visitors::Visit visit);

    LinkResources& around_;
    ConfigHandle config_;
    telemetry::UpstreamMetrics metrics_;
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
    TimePoint last_used_;
    std::function<void()> reopened_;  // Empty: it is of no interest.
    std::function<void(const std::string& uri)> updated_;
    bool is_lost_ = false;  // reopen() has to do.
    TimePoint opened_at_;
    std::chrono::milliseconds reopen_pause_{0};
    std::chrono::milliseconds renewal_pause_{0};
    async::Event reopen_now_;
    std::optional<mcp::LogLevel> log_level_;
    std::set<std::string, std::less<>> subscriptions_;  // URIs, as JSON strings.
    async::Semaphore subscribing_;  // Requests of that at a time, to a server with sessions.
};

}  // namespace gw::upstream
