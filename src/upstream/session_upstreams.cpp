#include "upstream/session_upstreams.hpp"

#include "base/json.hpp"

#include <algorithm>
#include <utility>

namespace gw::upstream {

namespace {

// True when the session wants log messages of this level. A client that never set one gets what
// the server sends (server/utilities/logging, Setting Log Level).
bool wants_log(const session::Session& session, std::string_view params) {
    if (!session.log_level) return true;
    const auto object = json::Object::parse(params);
    if (!object) return false;
    const auto level = mcp::parse_log_level(object->string("level").value_or(""));
    return !level || *level >= *session.log_level;
}

}  // namespace

struct SessionUpstreams::One final : mcp::Exchange {
    One(SessionUpstreams& all, auth::UpstreamIndex which)
        : owner(all),
          upstream(which),
          lease(
              all.hub_.around(),
              all.hub_.config(which),
              all.session_.terms().capabilities,
              [this](const mcp::ClientCapabilities& declared) {
                  return owner.hub_.make_link(upstream, declared, *this);
              }
          ) {
        if (all.session_.log_level) lease.set_log_level(*all.session_.log_level);
    }

    // What the server says outside of the client's calls.
    Task<Result<void>> notify(mcp::Notification notification) override {
        auto& session = owner.session_;
        if (notification.method.ends_with("/list_changed")) {
            is_own = true;
            is_stale = true;
            owner.has_own_listings_ = true;
            session.notify_changed(notification.method);
            co_return Result<void>();
        }
        if (notification.method == "notifications/message" &&
            !wants_log(session, notification.params)) {
            co_return Result<void>();
        }
        co_return co_await session.notify(notification);
    }

    Task<Result<mcp::Answer>> ask(mcp::ServerRequest request) override {
        return lease.ask(owner.session_, request);
    }

    SessionUpstreams& owner;
    auth::UpstreamIndex upstream;
    Lease lease;
    bool is_own = false;    // The server told this session of a change.
    bool is_stale = false;  // `own` is older than that.
    catalog::ListingHandle own;
};

SessionUpstreams::SessionUpstreams(Hub& hub, session::Session& session)
    : hub_(hub), session_(session) {}

SessionUpstreams::~SessionUpstreams() = default;

Result<mcp::Peer*> SessionUpstreams::connect(const auth::Permit& permit) {
    if (is_closed_) return fail(Errc::unknown_session, "Session not found");
    for (auto& one : ones_) {
        if (one->upstream == permit.upstream()) return &one->lease;
    }
    if (ones_.empty()) hub_.add_sweep(this, [this] { close_idle(); });
    ones_.push_back(std::make_unique<One>(*this, permit.upstream()));
    return &ones_.back()->lease;
}

void SessionUpstreams::each_open(const std::function<void(mcp::Peer&)>& visit) {
    for (auto& one : ones_) {
        if (one->lease.is_open()) visit(one->lease);
    }
}

Task<Result<catalog::ListingHandle>> SessionUpstreams::own_listing(auth::UpstreamIndex upstream) {
    const auto found =
        std::ranges::find(ones_, upstream, [](const auto& one) { return one->upstream; });
    if (found == ones_.end() || !(*found)->is_own) co_return catalog::ListingHandle();
    auto& one = **found;  // It stays: they are only freed with the session.
    if (!std::exchange(one.is_stale, false)) co_return one.own;
    auto listing = co_await one.lease.list(one);
    if (!listing) {
        one.is_stale = true;
        co_return std::unexpected(std::move(listing).error());
    }
    one.own = *listing;
    co_return one.own;
}

// A child process that nobody uses is ended; the next call starts another.
void SessionUpstreams::close_idle() {
    auto& around = hub_.around();
    for (auto& one : ones_) {
        const bool is_process = hub_.config(one->upstream).transport == Transport::stdio;
        if (!is_process || !one->lease.is_open()) continue;
        if (around.shard.now() - one->lease.last_used() > around.limits.process_idle_timeout) {
            one->lease.drop();
        }
    }
}

void SessionUpstreams::close() {
    if (std::exchange(is_closed_, true) || ones_.empty()) return;
    hub_.remove_sweep(this);
    ++session_.users;
    hub_.gate().spawn(close_all(std::move(ones_), session_));
}

Task<> SessionUpstreams::close_all(
    std::vector<std::unique_ptr<One>> ones, session::Session& session
) {
    for (auto& one : ones)
        one->lease.drop();
    for (auto& one : ones)
        co_await one->lease.close();
    --session.users;
}

}  // namespace gw::upstream
