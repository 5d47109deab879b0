#include "catalog/visible_view.hpp"

#include "base/json.hpp"
#include "base/text_hash.hpp"
#include "catalog/digest.hpp"
#include "catalog/uri_hints.hpp"

#include <algorithm>

namespace gw::catalog {

namespace {

constexpr std::size_t instructions_max = 16 * 1024;
constexpr std::chrono::milliseconds gaps_keep_max{1000};  // Of a view with gaps.

std::size_t at(Kind kind) {
    return static_cast<std::size_t>(kind);
}

// `bytes`, a JSON object, with the value of its member "name" replaced.
std::string with_name(const Member& member, const std::string& bytes, std::string_view name) {
    auto changed = bytes;
    changed.replace(member.name_at, member.name_size, json::quoted(name));
    return changed;
}

// At most instructions_max bytes of it, in whole characters.
void cut(std::string& text) {
    if (text.size() <= instructions_max) return;
    auto end = instructions_max;
    while ((static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80)
        --end;
    text.resize(end);
}

// The template with each simple expression standing for anything. Servers match more than RFC 6570
// makes: FastMCP several segments with `{x*}`, and most of them "?" and "#" with `{x}`.
UriTemplate loosened(std::string_view text) {
    std::string loose;
    for (std::size_t i = 0; i < text.size(); ++i) {
        loose += text[i];
        const bool is_simple =
            i + 1 < text.size() && !std::string_view("+#./;?&").contains(text[i + 1]);
        if (text[i] == '{' && is_simple) loose += '+';
    }
    return UriTemplate(loose);
}

bool could_match(std::string_view uri_template, std::string_view uri) {
    const auto open = uri_template.find('{');
    if (open == std::string_view::npos) return false;
    return uri.starts_with(uri_template.substr(0, open)) && loosened(uri_template).matches(uri);
}

// The server that may have a resource which nobody lists, as servers need not list what their
// results and tools name. Null when there is none, or there are several.
const Source* may_have(const View& view, std::string_view uri) {
    const auto& sources = view.sources();
    const auto those = [&](const auto& may) {
        std::vector<const Source*> found;
        for (std::size_t i = 0; i < sources.size(); ++i) {
            if (may(i)) found.push_back(&sources[i]);
        }
        return found;
    };
    const auto parts = view.parts();
    const auto quoted = json::quoted(uri);
    auto found = those([&](std::size_t i) { return parts[i]->has_app_resource(quoted); });
    for (const auto prefix : prefixes(uri)) {
        if (!found.empty()) break;
        found = those([&](std::size_t i) { return parts[i]->has_uris_of(prefix); });
    }
    if (found.empty() && view.gaps().missing.empty()) {
        found = those([&](std::size_t i) {
            return sources[i].listing->profile.has[at(Kind::resources)];
        });
    }
    return found.size() == 1 ? found.front() : nullptr;
}

}  // namespace

std::string VisibleView::shown(Kind kind, Form form, const Member& member) const {
    const auto& bytes = member.changed.empty() ? member.item->bytes : member.changed;
    if (member.name_size == 0) return kind == Kind::tools ? tool_in_form(bytes, form) : bytes;
    auto named = with_name(member, bytes, view_->of(kind).entry(member).name);
    return kind == Kind::tools ? tool_in_form(named, form) : named;
}

std::string VisibleView::page(Kind kind, Form form, std::uint32_t begin) const {
    auto text = page_begin(form) + json::quoted(names_of(kind).member) + ":[";
    std::size_t count = 0;
    auto number = begin;
    std::optional<std::uint32_t> next;
    view_->of(kind).each_from(begin, [&](const Member& member) {
        const auto own = number++;
        if (!sees(kind, member)) return true;
        if (count == view_->page_size_ || text.size() > page_bytes_max) {
            next = own;
            return false;
        }
        if (count++ > 0) text += ',';
        text += shown(kind, form, member);
        return true;
    });
    text += ']';
    if (next) text += ",\"nextCursor\":\"" + view_->seal_.seal(position(kind, *next)) + '"';
    return text += '}';
}

Result<std::uint32_t> VisibleView::begin_of(Kind kind, std::string_view cursor) const {
    if (cursor.empty()) return 0;
    GW_TRY(const auto position, view_->seal_.open(cursor));
    if (position.kind != kind) return fail(Errc::invalid_params, "\"cursor\" is of another list");
    return position.generation == view_->generation_ ? position.offset : place_of(position);
}

// Stands for a server, by its name, and for the order of all.
std::uint64_t VisibleView::digest_of(const Source& source) const {
    auto digest = view_->order();
    mix(digest, TextHash()(source.name));
    return digest;
}

// Stands for the names of the items from one number to another, whatever their order.
std::uint64_t VisibleView::digest_of_names(Kind kind, std::uint32_t begin, std::uint32_t end)
    const {
    std::uint64_t digest = 0;
    view_->of(kind).each_from(begin, [&](const Member& member) {
        if (begin++ == end) return false;
        digest += member.name_hash;
        return true;
    });
    return digest;
}

// Where the item with this number stands.
Position VisibleView::position(Kind kind, std::uint32_t number) const {
    const auto& all = view_->of(kind);
    auto source = view_->sources().begin();
    all.each_from(number, [&](const Member& member) {
        source = std::ranges::find(view_->sources(), member.entry.upstream, &Source::upstream);
        return false;
    });
    const auto first = all.begin_after({view_->sources().begin(), source});
    return {
        .kind = kind,
        .generation = view_->generation_,
        .offset = number,
        .of_source = number - first,
        .source = digest_of(*source),
        .names = digest_of_names(kind, first, number)
    };
}

// Where a list goes on that began in another view.
std::uint32_t VisibleView::place_of(const Position& position) const {
    const auto& sources = view_->sources();
    const auto source = std::ranges::find(sources, position.source, [&](const Source& each) {
        return digest_of(each);
    });
    if (source == sources.end()) return 0;
    const auto& all = view_->of(position.kind);
    const auto first = all.begin_after({sources.begin(), source});
    const auto end = all.begin_after({sources.begin(), source + 1});
    if (position.of_source > end - first) return first;
    const auto number = first + position.of_source;
    return digest_of_names(position.kind, first, number) == position.names ? number : first;
}

Result<const Entry*> VisibleView::find(Kind kind, std::string_view name) const {
    const auto& all = view_->of(kind);
    const auto* const found = all.find(name);
    if (found == nullptr || !sees(kind, *found)) {
        return fail(Errc::not_found, "unknown: " + std::string(name));
    }
    return &all.entry(*found);
}

std::optional<auth::UpstreamNumber> VisibleView::transparent_for(Kind kind) const {
    if (visible_ != nullptr || !view_->naming_.is_plain) return {};
    return view_->is_whole_[at(kind)] ? view_->only_ : std::nullopt;
}

Result<auth::Object> VisibleView::find_resource(std::string_view uri) const {
    const auto is_nowhere = [] { return fail(Errc::resource_not_found, "Resource not found"); };
    const auto& resources = view_->of(Kind::resources);
    if (const auto* const found = resources.find(uri)) {
        if (!sees(Kind::resources, *found)) return is_nowhere();
        return resources.entry(*found).as_object();
    }
    const auto of = [&](auth::UpstreamNumber upstream) {
        return auth::Object{.name = uri, .upstream = upstream};
    };
    for (const auto& part : view_->parts_) {
        const auto& templates = part->templates();
        for (std::size_t i = 0; i < templates.size(); ++i) {
            const auto& member = part->of(Kind::templates)[i];
            if (!sees(Kind::templates, member)) continue;
            if (!view_->of(Kind::templates).is_shown(member) || !templates[i].matches(uri))
                continue;
            return of(member.entry.upstream);
        }
    }
    // Who chose what is shown chose nothing beside that.
    if (visible_ != nullptr || !view_->is_whole_[at(Kind::resources)]) return is_nowhere();
    if (view_->only_) return of(*view_->only_);
    for (const auto& part : view_->parts_) {
        for (const auto& member : part->of(Kind::templates)) {
            if (could_match(member.item->key, uri)) return of(member.entry.upstream);
        }
    }
    if (!view_->gaps().is_settled) return is_nowhere();
    if (const auto* const source = may_have(*view_, uri)) return of(source->upstream);
    return is_nowhere();
}

Result<auth::Object> VisibleView::find_template(std::string_view uri_template) const {
    const auto& templates = view_->of(Kind::templates);
    const auto* const found = templates.find(uri_template);
    if (found == nullptr) return find_resource(uri_template);
    if (sees(Kind::templates, *found)) return templates.entry(*found).as_object();
    return fail(Errc::resource_not_found, "Resource not found");
}

mcp::Cache VisibleView::cache_of(Kind kind, TimePoint now, std::chrono::milliseconds most) const {
    if (!view_->gaps().are_none()) most = std::min(most, gaps_keep_max);
    mcp::Cache cache{.ttl_ms = most.count(), .is_public = visible_ == nullptr};
    for (const auto& source : view_->sources()) {
        if (source.listing->hint_of(kind).is_private) cache.is_public = false;
        if (!source.freshness) continue;
        const auto until = source.freshness->until(kind);
        if (until == TimePoint::max()) continue;
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - now);
        cache.ttl_ms = std::clamp<std::int64_t>(left.count(), 0, cache.ttl_ms);
    }
    return cache;
}

mcp::Cache VisibleView::cache_of_profile(std::chrono::milliseconds most) const {
    if (!view_->gaps().are_none()) most = std::min(most, gaps_keep_max);
    const auto& hint = profile().hint;
    return {
        .ttl_ms = std::min(most, hint.ttl.value_or(most)).count(),
        .is_public = visible_ == nullptr && !hint.is_private
    };
}

std::vector<const Source*> VisibleView::sources() const {
    std::vector<const Source*> seen;
    for (std::size_t i = 0; i < view_->sources().size(); ++i) {
        if (visible_ != nullptr && !visible_->has_any_of(*view_->parts_[i])) continue;
        seen.push_back(&view_->sources()[i]);
    }
    return seen;
}

std::span<const Gaps::Missing> VisibleView::missing() const {
    if (visible_ != nullptr) return {};
    return view_->gaps().missing;
}

std::string VisibleView::instructions() const {
    auto text = view_->instructions_;
    for (const auto* source : sources()) {
        const auto& more = source->listing->profile.instructions;
        if (more.empty() || text.size() > instructions_max) continue;
        if (server_count() > 1) {
            text.append(text.empty() ? "" : "\n\n").append("# ").append(source->name);
            text.append("\n\n");
        } else if (!text.empty()) {
            text.append("\n\n");
        }
        text.append(more);
    }
    cut(text);
    return text;
}

}  // namespace gw::catalog
