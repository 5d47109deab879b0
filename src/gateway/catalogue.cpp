#include "gateway/catalogue.hpp"

#include "async/deadline.hpp"
#include "base/text_hash.hpp"
#include "catalog/digest.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace gw::gateway {

namespace {

std::set<auth::UpstreamNumber> configured_in(const Topology& topology) {
    std::set<auth::UpstreamNumber> all;
    for (const auto& [number, server] : topology.servers())
        all.insert(server.upstreams.begin(), server.upstreams.end());
    return all;
}

bool is_known(const UpstreamLists& lists, ListClass list_class) {
    return lists.was_tried() || lists.standing(list_class).listing;
}

bool is_settled(const UpstreamLists& lists, ListClass list_class) {
    return lists.standing(list_class).is_settled;
}

}  // namespace

Catalogue::Catalogue(Parts parts)
    : parts_(std::move(parts)),
      news_(std::move(parts_.report)),
      gate_(parts_.loop),
      around_{
          parts_.loop,
          parts_.wheel,
          gate_,
          parts_.source,
          parts_.times.lists,
          [this](
              UpstreamLists& lists, const ListKeeper& keeper, const ListKeeper::Attempt& attempt
          ) { tried(lists, keeper, attempt); },
          [this](UpstreamLists& lists) { lists_.erase(lists.index()); }
      } {}

Catalogue::~Catalogue() = default;

void Catalogue::set_topology(TopologyHandle topology) {
    topology_ = std::move(topology);
    const auto configured = configured_in(*topology_);
    std::map<std::string, const UpstreamLists*, std::less<>> before;
    for (const auto& [index, lists] : lists_) {
        if (lists->is_wanted()) before.emplace(lists->name(), lists.get());
    }
    for (const auto index : configured) {
        const auto& name = topology_->upstream(index)->name;
        auto& place = lists_[index];
        if (!place) place = std::make_unique<UpstreamLists>(around_, index, name);
        const auto found = before.find(name);
        if (found != before.end() && found->second != place.get()) place->inherit(*found->second);
        place->set_wanted(true);
    }
    std::erase_if(lists_, [&configured](const auto& each) {
        if (configured.contains(each.first)) return false;
        each.second->set_wanted(false);
        return each.second->is_idle();
    });
    news_.reconfigured([&configured](auto upstream) { return configured.contains(upstream); });
    std::erase_if(views_, [this](const auto& each) {
        return topology_->server(each.first.server) == nullptr;
    });
    for (const auto& [key, view] : std::map(views_)) {
        if (!view) continue;
        want(key);
        rebuild(key);
    }
}

void Catalogue::list_again() {
    for (const auto& [index, lists] : lists_)
        lists->look_again();
}

// None when the virtual server is gone.
const Catalogue::UpstreamNumbers& Catalogue::upstreams_of(Key key) const {
    static const UpstreamNumbers none;
    const auto* const server = topology_->server(key.server);
    return server == nullptr ? none : server->upstreams;
}

void Catalogue::want(Key key) {
    for (const auto upstream : upstreams_of(key))
        lists_.at(upstream)->want(key.list_class);
}

void Catalogue::tried(
    UpstreamLists& lists, const ListKeeper& keeper, const ListKeeper::Attempt& attempt
) {
    if (lists.is_wanted()) {
        news_.tried(lists.index(), lists.name(), keeper, attempt, parts_.wheel.now());
        tell_when_all_are_ready();
        for (const auto key : views_with(lists.index())) {
            const bool is_shown = lists.standing(key.list_class).from == &keeper;
            rebuild_if_changed(key, {is_shown ? attempt.announced : Changes{}, lists.index()});
        }
    }
    for (auto* waiting : waiting_)
        waiting->set();
}

void Catalogue::tell_when_all_are_ready() {
    std::size_t ready = 0;
    for (const auto& [number, lists] : lists_) {
        if (!lists->is_wanted()) continue;
        if (!lists->is_ready()) return;
        ++ready;
    }
    news_.all_ready(ready);
}

std::vector<Catalogue::Key> Catalogue::views_with(auth::UpstreamNumber upstream) const {
    std::vector<Key> keys;
    for (const auto& [key, view] : views_) {
        const auto& behind = upstreams_of(key);
        if (view && std::ranges::find(behind, upstream) != behind.end()) keys.push_back(key);
    }
    return keys;
}

bool Catalogue::are_enough(Key key, IsEnough is_enough) const {
    return std::ranges::all_of(upstreams_of(key), [&](auto upstream) {
        return is_enough(*lists_.at(upstream), key.list_class);
    });
}

Task<Result<catalog::ViewHandle>> Catalogue::get(
    auth::ServerNumber server, const mcp::ClientCapabilities& capabilities
) {
    // Only the first client of a class waits for servers that start; later ones take what is there.
    const Key key{server, mcp::list_class_of(capabilities)};
    const bool is_there = views_.contains(key) && views_.at(key);
    return wait(
        key, is_there ? parts_.wheel.now() : parts_.wheel.now() + parts_.times.first_wait, is_known
    );
}

Task<Result<catalog::ViewHandle>> Catalogue::settled(
    auth::ServerNumber server, const mcp::ClientCapabilities& capabilities, TimePoint since
) {
    return wait(
        {server, mcp::list_class_of(capabilities)}, since + parts_.times.first_wait, is_settled
    );
}

Task<Result<catalog::ViewHandle>> Catalogue::wait(Key key, TimePoint until, IsEnough is_enough) {
    for (;;) {
        want(key);  // A reload may have brought others.
        if (are_enough(key, is_enough) || parts_.wheel.now() >= until) break;
        async::Event changed(parts_.loop);
        waiting_.push_back(&changed);
        {
            const async::Deadline deadline(parts_.wheel, until, co_await this_fiber());
            co_await changed.wait();
        }
        std::erase(waiting_, &changed);
        if ((co_await this_fiber()).is_cancelled) co_return fail(Errc::cancelled, "withdrawn");
    }
    if (topology_->server(key.server) == nullptr) {
        co_return fail(Errc::unknown_path, "this server is not configured any more");
    }
    if (!views_[key]) rebuild(key);
    co_return views_[key];
}

// The lists of the servers behind `key`; in `gaps` the servers without any.
std::vector<catalog::Source> Catalogue::collect(Key key, catalog::Gaps& gaps) const {
    std::vector<catalog::Source> sources;
    for (const auto upstream : upstreams_of(key)) {
        const auto& lists = *lists_.at(upstream);
        auto standing = lists.standing(key.list_class);
        const auto& name = *topology_->upstream(upstream);
        gaps.is_settled = gaps.is_settled && standing.is_settled;
        if (!standing.listing) {
            gaps.missing.push_back({upstream, name.name, lists.reason(), name.tools.is_everything()}
            );
            continue;
        }
        gaps.has_substitutes = gaps.has_substitutes || !standing.is_exact;
        sources.push_back(
            {upstream,
             name.name,
             name.prefix,
             std::move(standing.listing),
             std::move(standing.freshness),
             name.tools}
        );
    }
    return sources;
}

// This gateway itself, and those that the servers behind `key` lead to: also the ones that lead
// back here, so that every gateway of a loop finds it, and none takes up what another has left out.
mcp::Instances Catalogue::instances_behind(Key key) const {
    mcp::Instances all;
    if (parts_.instance.empty()) return all;
    all.push_back(parts_.instance);
    for (const auto upstream : upstreams_of(key))
        mcp::join(all, lists_.at(upstream)->instances());
    return all;
}

// Stands for the servers behind `key`, by name, and their order.
std::uint64_t Catalogue::order_behind(Key key) const {
    std::uint64_t order = 0;
    for (const auto upstream : upstreams_of(key))
        catalog::mix(order, TextHash()(topology_->upstream(upstream)->name));
    return order;
}

void Catalogue::rebuild(Key key) {
    catalog::Gaps gaps;
    auto sources = collect(key, gaps);
    make_view(key, std::move(sources), std::move(gaps), {});
}

void Catalogue::rebuild_if_changed(Key key, const News& announced) {
    catalog::Gaps gaps;
    auto sources = collect(key, gaps);
    const auto& view = *views_.at(key);
    const auto is_same = [](const catalog::Source& a, const catalog::Source& b) {
        return a.upstream == b.upstream && a.listing == b.listing && a.freshness == b.freshness;
    };
    if (announced.changes == Changes{} && gaps == view.gaps() &&
        instances_behind(key) == view.instances() &&
        std::ranges::equal(sources, view.sources(), is_same)) {
        return;
    }
    make_view(key, std::move(sources), std::move(gaps), announced);
}

void Catalogue::make_view(
    Key key, std::vector<catalog::Source> sources, catalog::Gaps gaps, const News& announced
) {
    const auto* const server = topology_->server(key.server);
    std::vector<std::string> problems;
    auto view = std::make_shared<const catalog::View>(
        server->rules,
        std::move(sources),
        parts_.seal,
        problems,
        catalog::ViewTerms{
            std::move(gaps), instances_behind(key), views_[key], &part_maker_, order_behind(key)
        }
    );
    // What a server lists may quote what it was told in confidence.
    const auto told = [&](std::string_view line) {
        for (const auto& source : view->sources()) {
            const auto behind = source.name.size();
            if (!line.starts_with(source.name) || !line.substr(behind).starts_with(" lists "))
                continue;
            return source.name +
                   parts_.source.without_secrets(source.upstream, line.substr(behind));
        }
        return std::string(line);
    };
    for (const auto& problem : problems)
        news_.problem(problem, told);
    auto& current = views_[key];
    Changes changes{};
    for (const auto kind : catalog::kinds) {
        const auto at = static_cast<std::size_t>(kind);
        changes.at(at) = current && (announced.changes.at(at) ||
                                     !catalog::View::are_equal(*current, *view, kind));
    }
    // Gateways above ask anew where this one leads when a list has changed, and only then.
    if (current && !std::ranges::is_permutation(current->instances(), view->instances())) {
        changes.at(static_cast<std::size_t>(catalog::Kind::tools)) = true;
    }
    current = view;
    parts_.publish(key, std::move(view), {changes, announced.from});
}

std::size_t Catalogue::failing() const {
    return static_cast<std::size_t>(
        std::ranges::count(status(), UpstreamStatus::State::failing, &UpstreamStatus::state)
    );
}

std::vector<auth::UpstreamNumber> Catalogue::with_sessions() const {
    std::vector<auth::UpstreamNumber> all;
    for (const auto& [index, lists] : lists_) {
        if (!lists->is_wanted()) continue;
        if (!lists->was_tried()) return {};
        if (lists->has_sessions()) all.push_back(index);
    }
    return all;
}

std::vector<UpstreamStatus> Catalogue::status() const {
    std::vector<UpstreamStatus> all;
    for (const auto& [index, lists] : lists_) {
        if (lists->is_wanted()) all.push_back(lists->status());
    }
    return all;
}

Task<> Catalogue::close() {
    co_await gate_.close();
    lists_.clear();
}

}  // namespace gw::gateway
