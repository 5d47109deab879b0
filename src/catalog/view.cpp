#include "catalog/view.hpp"

#include "base/json.hpp"
#include "catalog/names.hpp"
#include "mcp/schema.hpp"

#include <algorithm>
#include <utility>

namespace gw::catalog {

namespace {

constexpr std::size_t instructions_max = 16 * 1024;
constexpr std::chrono::milliseconds gaps_keep_max{1000};  // Of a view with gaps.

std::size_t at(Kind kind) {
    return static_cast<std::size_t>(kind);
}

std::size_t at(Form form) {
    return static_cast<std::size_t>(form);
}

bool is_shown(const std::vector<std::string>& chosen, std::string_view name) {
    return chosen.empty() || std::ranges::find(chosen, name) != chosen.end();
}

// `bytes`, a JSON object, with the value of its member `name` replaced.
std::string with_name(const std::string& bytes, std::string_view name) {
    const auto object = json::Object::parse(bytes);
    const auto value = (*object)["name"];
    auto changed = bytes;
    changed.replace(
        static_cast<std::size_t>(value.data() - bytes.data()), value.size(), json::quoted(name)
    );
    return changed;
}

// Of a tool of 2025-11-25 (basic/utilities/tasks, Tool-Level Negotiation).
bool needs_task(const std::string& tool) {
    const auto object = json::Object::parse(tool);
    const auto execution = json::Object::parse(object ? (*object)["execution"] : "");
    return execution && (*execution)["taskSupport"] == R"("required")";
}

// What a tool is listed as, and the rules for its arguments. A tool of a stateless server whose
// x-mcp-header is invalid must not be used (2026-07-28, basic/transports/streamable-http, Schema
// Extension); to a server with sessions the keyword meant nothing, so there only the keyword goes.
std::optional<std::string> as_listed(
    const Source& source, const Item& tool, Entry& entry, std::vector<std::string>& problems
) {
    entry.has_wrapped_output = has_wrapped_output(tool.bytes);
    entry.needs_task = !source.listing->profile.is_stateless && needs_task(tool.bytes);
    auto rules = mcp::mirror_rules(tool.bytes);
    if (rules) {
        entry.mirror_rules = *std::move(rules);
        return tool.bytes;
    }
    const bool is_used = !source.listing->profile.is_stateless;
    problems.push_back(
        source.name + " lists " + tool.key + (is_used ? " with " : ", which is left out: ") +
        rules.error().text
    );
    if (!is_used) return {};
    return mcp::without_mirror_rules(tool.bytes);
}

bool shows_all_tools(const Source& source) {
    return source.tools.is_everything();
}

// Changes with every item and its place.
void mix(std::uint64_t& value, std::string_view text) {
    value = (value ^ std::hash<std::string_view>()(text)) * 0x9E3779B97F4A7C15;
}

}  // namespace

bool ToolChoice::has(std::string_view name) const {
    const auto names = [&](std::string_view each) { return each == name || each == "*"; };
    return is_shown(shown, name) && std::ranges::none_of(hidden, names);
}

View::View(
    const ViewRules& rules,
    std::vector<Source> sources,
    const CursorSeal& seal,
    std::vector<std::string>& problems,
    Gaps gaps,
    mcp::Instances instances
)
    : sources_(std::move(sources)),
      gaps_(std::move(gaps)),
      instances_(std::move(instances)),
      page_size_(rules.page_size),
      has_plain_names_(rules.has_plain_names),
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
    add_named(Kind::tools, rules, problems);
    add_named(Kind::prompts, rules, problems);
    add_resources(Kind::resources, rules, problems);
    add_resources(Kind::templates, rules, problems);
    for (const auto kind : kinds) {
        for (const auto& item : items_[at(kind)])
            mix(generation_, item);
    }
    for (const auto kind : kinds) {
        for (const auto form : forms)
            pages_[at(kind)][at(form)] = render(kind, form, seal);
    }
}

void View::add_named(Kind kind, const ViewRules& rules, std::vector<std::string>& problems) {
    std::vector<Named> all;
    std::vector<std::pair<const Source*, const Item*>> owners;
    for (const auto& source : sources_) {
        for (const auto& item : source.listing->of(kind)) {
            if (kind == Kind::tools && !source.tools.has(item.key)) continue;
            all.push_back({source.prefix, source.name, item.key});
            owners.emplace_back(&source, &item);
        }
    }
    auto names = rules.has_plain_names ? std::vector<std::string>() : qualify(all, rules.separator);
    if (rules.has_plain_names) {
        for (const auto& named : all)
            names.emplace_back(named.original);
    }
    const auto& chosen = kind == Kind::tools ? rules.tools : rules.prompts;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!is_shown(chosen, names[i])) continue;
        const auto& [source, item] = owners[i];
        Entry entry{names[i], json::quoted(item->key), source->upstream};
        auto bytes = kind == Kind::tools ? as_listed(*source, *item, entry, problems)
                                         : std::optional(item->bytes);
        if (!bytes) continue;
        if (!index_[at(kind)].try_emplace(names[i], std::move(entry)).second) {
            problems.push_back(source->name + " lists " + names[i] + " twice; the first counts");
            continue;
        }
        items_[at(kind)].push_back(
            rules.has_plain_names ? std::move(*bytes) : with_name(*bytes, names[i])
        );
    }
}

void View::add_resources(Kind kind, const ViewRules& rules, std::vector<std::string>& problems) {
    for (const auto& source : sources_) {
        for (const auto& item : source.listing->of(kind)) {
            if (!is_shown(rules.resources, item.key)) continue;
            const auto [first, is_new] =
                index_[at(kind)].try_emplace(item.key, Entry{item.key, {}, source.upstream});
            if (!is_new) {
                const auto owner =
                    std::ranges::find(sources_, first->second.upstream, &Source::upstream);
                // One line for the pair, whatever it is that they have alike.
                auto line = source.name + " lists " + std::string(names_of(kind).member) +
                            " that " + owner->name + " has already; the first counts";
                if (std::ranges::find(problems, line) == problems.end()) {
                    problems.push_back(std::move(line));
                }
                continue;
            }
            items_[at(kind)].push_back(item.bytes);
            if (kind == Kind::templates) {
                templates_.emplace_back(UriTemplate(item.key), source.upstream);
            }
        }
    }
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
        if (part.instructions.empty()) continue;
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

View::Pages View::render(Kind kind, Form form, const CursorSeal& seal) const {
    // The same text is kept once.
    const auto& same = pages_[at(kind)].front();
    if (kind != Kind::tools && form == Form::without_output_schema) return same;
    const auto& items = items_[at(kind)];
    Pages pages;
    std::size_t begin = 0;
    do {
        const auto end = std::min(begin + page_size_, items.size());
        auto text = page_begin(form) + json::quoted(names_of(kind).member) + ":[";
        for (auto i = begin; i < end; ++i) {
            if (i > begin) text += ',';
            text += kind == Kind::tools ? tool_in_form(items[i], form) : items[i];
        }
        text += ']';
        if (end < items.size()) {
            const Position next{kind, generation_, static_cast<std::uint32_t>(end)};
            text += ",\"nextCursor\":\"" + seal.seal(next) + '"';
        }
        text += '}';
        const bool is_same = pages.size() < same.size() && *same[pages.size()] == text;
        pages.push_back(
            is_same ? same[pages.size()] : std::make_shared<const std::string>(std::move(text))
        );
        begin = end;
    } while (begin < items.size());
    return pages;
}

Result<const Entry*> View::find(Kind kind, std::string_view name) const {
    const auto& index = index_[at(kind)];
    const auto found = index.find(name);
    if (found == index.end()) return fail(Errc::not_found, "unknown: " + std::string(name));
    return &found->second;
}

std::optional<auth::UpstreamIndex> View::transparent_for(Kind kind) const {
    if (!has_plain_names_ || !is_whole_[at(kind)]) return {};
    return only_;
}

Result<auth::Object> View::find_resource(std::string_view uri) const {
    if (const auto found = index_[at(Kind::resources)].find(uri);
        found != index_[at(Kind::resources)].end()) {
        return found->second.as_object();
    }
    for (const auto& [pattern, upstream] : templates_) {
        if (pattern.matches(uri)) return auth::Object{.name = uri, .upstream = upstream};
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

Result<std::shared_ptr<const std::string>> View::page(Kind kind, Form form, std::string_view cursor)
    const {
    const auto& pages = pages_[at(kind)][at(form)];
    if (cursor.empty()) return pages.front();
    GW_TRY(const auto position, seal_.open(cursor));
    if (position.kind != kind) return fail(Errc::invalid_params, "\"cursor\" is of another list");
    const auto number = std::min(position.offset / page_size_, pages.size() - 1);
    return pages[number];
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

std::string_view View::name_of(auth::UpstreamIndex upstream) const {
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
    return a.items_[at(kind)] == b.items_[at(kind)];
}

}  // namespace gw::catalog
