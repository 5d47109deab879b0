#include "session/registry.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <queue>
#include <utility>
#include <vector>

namespace gw::session {

namespace {

constexpr std::chrono::seconds sweep_interval{1};
constexpr std::size_t secret_size = 32;  // 128 bits in hex.

// Bounds the sessions without an id: of each principal, server and revision there are 256 at most.
static_assert(sizeof(mcp::ClientCapabilities) == 1);

std::string_view text_of(async::SharedCount::Full full) {
    return full == async::SharedCount::Full::in_all
               ? "the limit of sessions (sessions.max) is reached"
               : "your limit of sessions (sessions.max_per_principal) is reached";
}

std::string hex(const std::array<unsigned char, 16>& bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const auto byte : bytes) {
        text += digits[byte >> 4U];
        text += digits[byte & 0xFU];
    }
    return text;
}

}  // namespace

Registry::Registry(
    unsigned shard,
    Surroundings& around,
    const SessionLimits& limits,
    async::SharedCount& count,
    Random random
)
    : shard_(shard), around_(around), limits_(limits), count_(count), random_(std::move(random)) {
    around_.wheel.add(*this, around_.wheel.now() + sweep_interval);
    around_.budget.relieve = [this](std::size_t wanted) { relieve(wanted); };
}

Registry::~Registry() {
    around_.budget.relieve = nullptr;
}

// "0-SHARD-SECRET": the node comes first, for when there are several.
std::optional<unsigned> Registry::shard_of(std::string_view id) {
    if (!id.starts_with("0-")) return {};
    unsigned shard = 0;
    const char* const end = id.data() + id.size();
    const auto read = std::from_chars(id.data() + 2, end, shard);
    if (read.ec != std::errc() || read.ptr == end || *read.ptr != '-') return {};
    if (end - read.ptr - 1 != secret_size) return {};
    return shard;
}

std::unique_ptr<Session> Registry::make(Terms terms) {
    auto session = std::make_unique<Session>(std::move(terms), around_);
    session->upstreams = make_upstreams(*session);
    session->counted_under = session->terms().owner.key();
    session->opened = around_.wheel.now();
    touch(*session);
    return session;
}

Result<Session*> Registry::open(Terms terms, std::string_view counted_under) {
    auto place = count_.take(std::string(counted_under));
    if (!place) return fail(Errc::too_many, std::string(text_of(place.error())));
    std::array<unsigned char, 16> secret;
    random_(secret);
    terms.id = "0-" + std::to_string(shard_) + "-" + hex(secret);
    auto session = make(std::move(terms));
    session->counted_under = counted_under;
    session->place = *std::move(place);
    auto* const made = session.get();
    by_id_.emplace(made->terms().id, std::move(session));
    return made;
}

Result<Session*> Registry::find(
    std::string_view id, const auth::Owner& owner, auth::ServerNumber server
) {
    const auto found = by_id_.find(id);
    // Somebody else's session looks like none.
    if (found == by_id_.end() || found->second->terms().owner != owner ||
        found->second->terms().server != server) {
        return fail(Errc::unknown_session, "Session not found");
    }
    touch(*found->second);
    return found->second.get();
}

Session& Registry::shared(
    const auth::Owner& owner,
    auth::ServerNumber server,
    mcp::Revision revision,
    const mcp::ClientCapabilities& capabilities
) {
    const Kind kind{owner.digest(), server, revision, capabilities};
    if (const auto found = shared_.find(kind); found != shared_.end()) {
        touch(*found->second);
        return *found->second;
    }
    auto made = make(
        {.id = {},
         .owner = owner,
         .server = server,
         .revision = revision,
         .capabilities = capabilities}
    );
    made->is_initialized = true;
    return *shared_.emplace(kind, std::move(made)).first->second;
}

void Registry::end_shared(Session& session) {
    const auto owned = shared_.find(kind_of(session.terms()));
    bury(std::move(owned->second));
    shared_.erase(owned);
}

Registry::Kind Registry::kind_of(const Terms& terms) {
    return {terms.owner.digest(), terms.server, terms.revision, terms.capabilities};
}

// A part of a hash is one.
std::size_t Registry::KindHash::operator()(const Kind& kind) const {
    std::size_t hash = 0;
    std::memcpy(&hash, kind.owner.data(), sizeof hash);
    const auto more = std::bit_cast<std::uint8_t>(kind.capabilities);
    return hash ^ ((kind.server << 16U) | (static_cast<unsigned>(kind.revision) << 8U) | more);
}

void Registry::touch(Session& session) {
    session.last_used = around_.wheel.now();
    session.unlink();
    by_use_.push_back(session);
}

void Registry::end(Session& session) {
    const auto found = by_id_.find(session.terms().id);
    if (found == by_id_.end() || found->second.get() != &session) return;
    auto owned = std::move(found->second);
    by_id_.erase(found);
    session.place.give_back();
    bury(std::move(owned));
}

void Registry::bury(std::unique_ptr<Session> session) {
    session->end();
    session->unlink();
    ended_.push_back(std::move(session));  // The next sweep destroys it, not its own caller.
}

void Registry::end_all() {
    while (!by_id_.empty())
        end(*by_id_.begin()->second);
    for (auto& [kind, session] : std::exchange(shared_, {}))
        bury(std::move(session));
}

void Registry::end_where(const std::function<bool(const Session&)>& matches) {
    std::vector<Session*> found;
    for (auto& session : by_use_) {
        if (matches(session)) found.push_back(&session);
    }
    for (auto* session : found) {
        if (session->has_id()) {
            end(*session);
        } else {
            end_shared(*session);
        }
    }
}

namespace {

// What one principal has in streams.
struct Kept {
    using Oldest = std::pair<EventStream::Spare, EventStream*>;

    std::size_t bytes = 0;
    std::priority_queue<Oldest, std::vector<Oldest>, std::greater<>> spare;  // What goes first.
};

// The owner with the most bytes gives first; among equals the one with the oldest event.
struct GivesLater {
    bool operator()(const Kept* a, const Kept* b) const {
        if (a->bytes != b->bytes) return a->bytes < b->bytes;
        return a->spare.top().first > b->spare.top().first;
    }
};

}  // namespace

// Drops what is kept only for clients that come back. The principal that keeps the most gives
// first, so that nobody's clients lose theirs because of another's: what was delivered, the oldest
// first, then what nobody reads. Some more goes, of what was delivered most, so that this does not
// begin anew for each call.
void Registry::relieve(std::size_t wanted) {
    const auto& budget = around_.budget;
    const auto target = budget.used() - std::min(budget.used(), wanted);
    const auto target_of_delivered = target - std::min(target, budget.limit() / 8);
    const auto target_of_unread = target - std::min(target, budget.limit() / 64);
    std::unordered_map<std::string_view, Kept> owners;
    for (auto& stream : around_.kept) {
        auto& kept = owners[stream.owner()];
        kept.bytes += stream.bytes();
        if (const auto spare = stream.oldest_spare()) kept.spare.emplace(*spare, &stream);
    }
    std::priority_queue<Kept*, std::vector<Kept*>, GivesLater> most;
    for (auto& [owner, kept] : owners) {
        if (!kept.spare.empty()) most.push(&kept);
    }
    while (!most.empty()) {
        auto& kept = *most.top();
        most.pop();
        const auto [spare, stream] = kept.spare.top();
        if (budget.used() <= (spare.is_unread ? target_of_unread : target_of_delivered)) break;
        kept.spare.pop();
        kept.bytes -= stream->bytes();
        stream->drop_oldest();
        kept.bytes += stream->bytes();
        if (const auto next = stream->oldest_spare()) kept.spare.emplace(*next, stream);
        if (!kept.spare.empty()) most.push(&kept);
    }
}

bool Registry::is_overdue(const Session& session) const {
    if (session.users > 0 || session.running() > 0) return false;
    const auto now = around_.wheel.now();
    if (!session.is_initialized) return now - session.opened > limits_.uninitialized_max;
    return now - session.last_used > limits_.idle_max;
}

void Registry::sweep() {
    std::erase_if(ended_, [](const auto& session) { return session->users == 0; });
}

void Registry::expire() {
    around_.wheel.add(*this, around_.wheel.now() + sweep_interval);
    sweep();
    for (auto& session : by_use_)
        session.expire(around_.wheel.now());
    around_.budget.press();  // A writer may have left since, or a slow one can be cut.
    end_where([this](const Session& session) { return is_overdue(session); });
}

}  // namespace gw::session
