#include "catalog/view.hpp"

#include "catalog/digest.hpp"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <unordered_map>
#include <utility>

namespace gw::catalog {

namespace {

bool shows_all_tools(const Source& source) {
    return source.tools.is_everything();
}

std::size_t at(Kind kind) {
    return static_cast<std::size_t>(kind);
}

// Another number for each view.
std::uint64_t next_serial() {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
}

const std::vector<std::string>& chosen_of(Kind kind, const ViewRules& rules) {
    if (kind == Kind::tools) return rules.tools;
    return kind == Kind::prompts ? rules.prompts : rules.resources;
}

}  // namespace

View::View(
    const ViewRules& rules,
    std::vector<Source> sources,
    const CursorSeal& seal,
    std::vector<std::string>& problems,
    ViewTerms terms
)
    : sources_(std::move(sources)),
      gaps_(std::move(terms.gaps)),
      instances_(std::move(terms.instances)),
      order_(terms.order),
      instructions_(rules.instructions),
      serial_(next_serial()),
      naming_{rules.has_plain_names, rules.separator},
      page_size_(rules.page_size),
      is_whole_{
          rules.tools.empty() && std::ranges::all_of(sources_, shows_all_tools) &&
              std::ranges::all_of(gaps_.missing, &Gaps::Missing::shows_all_tools),
          rules.prompts.empty(),
          rules.resources.empty(),
          rules.resources.empty()
      },
      seal_(seal) {
    if (server_count() == 1) {
        only_ = sources_.empty() ? gaps_.missing.front().upstream : sources_.front().upstream;
    }
    merge_profiles();
    const auto parts = take_parts(terms, problems);
    static const KindView nothing;
    for (const auto kind : kinds) {
        const auto& before = terms.before ? terms.before->of(kind) : nothing;
        kinds_[at(kind)] = KindView(kind, parts, chosen_of(kind, rules), before, problems);
        mix(generation_, of(kind).digest());
    }
}

// The parts of all sources, and how they differ from those of the view before.
KindView::Base View::take_parts(const ViewTerms& terms, std::vector<std::string>& problems) {
    std::unordered_map<auth::UpstreamNumber, PartHandle> before;
    if (terms.before) {
        for (std::size_t i = 0; i < terms.before->sources_.size(); ++i)
            before.emplace(terms.before->sources_[i].upstream, terms.before->parts_[i]);
    }
    KindView::Base made{sources_, {}, naming_};
    for (const auto& source : sources_) {
        const auto old = before.find(source.upstream);
        if (old != before.end() && old->second->is_of(source, naming_)) {
            parts_.push_back(std::move(old->second));
            before.erase(old);
            continue;
        }
        bool is_new = terms.parts == nullptr;
        auto part = is_new ? std::make_shared<const Part>(source, naming_)
                           : terms.parts->make(source, naming_, is_new);
        if (is_new) std::ranges::copy(part->problems(), std::back_inserter(problems));
        made.come.push_back(part);
        parts_.push_back(std::move(part));
    }
    for (auto& [upstream, part] : before)
        made.gone.push_back(std::move(part));
    made.parts = parts_;
    return made;
}

void View::merge_profiles() {
    for (const auto& source : sources_) {
        const auto& part = source.listing->profile;
        for (std::size_t i = 0; i < kind_count; ++i)
            profile_.has[i] |= part.has[i];
        profile_.has_completions |= part.has_completions;
        profile_.has_logging |= part.has_logging;
        profile_.has_subscribe |= part.has_subscribe;
        profile_.has_tasks |= part.has_tasks && part.is_stateless;
        profile_.core_tasks.calls |= part.core_tasks.calls;
        profile_.core_tasks.list |= part.core_tasks.list;
        profile_.core_tasks.cancel |= part.core_tasks.cancel;
        profile_.hint.is_private |= part.hint.is_private;
        const auto ttl = part.hint.ttl;
        if (ttl) profile_.hint.ttl = std::min(*ttl, profile_.hint.ttl.value_or(*ttl));
    }
}

bool View::are_equal(const View& a, const View& b, Kind kind) {
    return a.of(kind).digest() == b.of(kind).digest();
}

}  // namespace gw::catalog
