#include "catalog/view.hpp"

#include "base/json.hpp"
#include "catalog/digest.hpp"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <unordered_map>
#include <utility>

namespace gw::catalog {

namespace {

constexpr std::size_t instructions_max = 16 * 1024;
constexpr std::chrono::milliseconds gaps_keep_max{1000};  // Of a view with gaps.

bool shows_all_tools(const Source& source) {
    return source.tools.is_everything();
}

std::size_t at(Kind kind) {
    return static_cast<std::size_t>(kind);
}

// `bytes`, a JSON object, with the value of its member "name" replaced.
std::string with_name(const Member& member, const std::string& bytes, std::string_view name) {
    auto changed = bytes;
    changed.replace(member.name_at, member.name_size, json::quoted(name));
    return changed;
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
    merge_profiles(rules);
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

void View::merge_profiles(const ViewRules& rules) {
    profile_.instructions = rules.instructions;
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
        if (part.instructions.empty() || profile_.instructions.size() > instructions_max) continue;
        auto& text = profile_.instructions;
        if (server_count() > 1) {
            text.append(text.empty() ? "" : "\n\n").append("# ").append(source.name).append("\n\n");
        } else if (!text.empty()) {
            text.append("\n\n");
        }
        text.append(part.instructions);
    }
    auto& text = profile_.instructions;
    if (text.size() <= instructions_max) return;
    auto end = instructions_max;
    while ((static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80)
        --end;  // Whole characters.
    text.resize(end);
}

std::string View::shown(Kind kind, Form form, const Member& member) const {
    const auto& bytes = member.changed.empty() ? member.item->bytes : member.changed;
    if (member.name_size == 0) return kind == Kind::tools ? tool_in_form(bytes, form) : bytes;
    auto named = with_name(member, bytes, of(kind).entry(member).name);
    return kind == Kind::tools ? tool_in_form(named, form) : named;
}

std::string View::page(Kind kind, Form form, std::uint32_t begin) const {
    auto text = page_begin(form) + json::quoted(names_of(kind).member) + ":[";
    auto end = begin;
    of(kind).each_from(begin, [&](const Member& member) {
        if (end - begin == page_size_ || text.size() > page_bytes_max) return false;
        if (end > begin) text += ',';
        text += shown(kind, form, member);
        ++end;
        return true;
    });
    text += ']';
    if (end < of(kind).size()) {
        text += ",\"nextCursor\":\"" + seal_.seal({kind, generation_, end}) + '"';
    }
    return text += '}';
}

Result<std::uint32_t> View::begin_of(Kind kind, std::string_view cursor) const {
    if (cursor.empty()) return 0;
    GW_TRY(const auto position, seal_.open(cursor));
    if (position.kind != kind) return fail(Errc::invalid_params, "\"cursor\" is of another list");
    const auto size = of(kind).size();
    if (position.offset < size) return position.offset;
    // The last page.
    return size == 0 ? 0 : static_cast<std::uint32_t>((size - 1) / page_size_ * page_size_);
}

Result<const Entry*> View::find(Kind kind, std::string_view name) const {
    const auto* const found = of(kind).find(name);
    if (found == nullptr) return fail(Errc::not_found, "unknown: " + std::string(name));
    return found;
}

std::optional<auth::UpstreamNumber> View::transparent_for(Kind kind) const {
    if (!naming_.is_plain || !is_whole_[at(kind)]) return {};
    return only_;
}

Result<auth::Object> View::find_resource(std::string_view uri) const {
    if (const auto* const found = of(Kind::resources).find(uri)) return found->as_object();
    for (const auto& part : parts_) {
        const auto& templates = part->templates();
        for (std::size_t i = 0; i < templates.size(); ++i) {
            const auto& member = part->of(Kind::templates)[i];
            if (!of(Kind::templates).is_shown(member) || !templates[i].matches(uri)) continue;
            return auth::Object{.name = uri, .upstream = member.entry.upstream};
        }
    }
    if (only_ && is_whole_[at(Kind::resources)]) {
        return auth::Object{.name = uri, .upstream = *only_};
    }
    return fail(Errc::resource_not_found, "Resource not found");
}

Result<auth::Object> View::find_template(std::string_view uri_template) const {
    if (const auto found = find(Kind::templates, uri_template)) return (*found)->as_object();
    return find_resource(uri_template);
}

mcp::Cache View::cache_of(Kind kind, TimePoint now, std::chrono::milliseconds most) const {
    if (!gaps_.are_none()) most = std::min(most, gaps_keep_max);
    mcp::Cache cache{.ttl_ms = most.count(), .is_public = true};
    for (const auto& source : sources_) {
        if (source.listing->hint_of(kind).is_private) cache.is_public = false;
        if (!source.freshness) continue;
        const auto until = source.freshness->until(kind);
        if (until == TimePoint::max()) continue;
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - now);
        cache.ttl_ms = std::clamp<std::int64_t>(left.count(), 0, cache.ttl_ms);
    }
    return cache;
}

std::string_view View::name_of(auth::UpstreamNumber upstream) const {
    const auto source = std::ranges::find(sources_, upstream, &Source::upstream);
    if (source != sources_.end()) return source->name;
    const auto missing = std::ranges::find(gaps_.missing, upstream, &Gaps::Missing::upstream);
    return missing == gaps_.missing.end() ? std::string_view() : missing->name;
}

mcp::Cache View::cache_of_profile(std::chrono::milliseconds most) const {
    if (!gaps_.are_none()) most = std::min(most, gaps_keep_max);
    return {
        .ttl_ms = std::min(most, profile_.hint.ttl.value_or(most)).count(),
        .is_public = !profile_.hint.is_private
    };
}

bool View::are_equal(const View& a, const View& b, Kind kind) {
    return a.of(kind).digest() == b.of(kind).digest();
}

}  // namespace gw::catalog
