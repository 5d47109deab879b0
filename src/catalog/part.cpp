#include "catalog/part.hpp"

#include "base/json.hpp"
#include "base/text_hash.hpp"
#include "catalog/digest.hpp"
#include "catalog/form.hpp"
#include "catalog/names.hpp"
#include "catalog/uri_hints.hpp"
#include "mcp/schema.hpp"

#include <algorithm>
#include <atomic>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace gw::catalog {

namespace {

std::size_t at(Kind kind) {
    return static_cast<std::size_t>(kind);
}

bool has_names(Kind kind) {
    return kind == Kind::tools || kind == Kind::prompts;
}

// Another number for each part.
std::uint64_t next_serial() {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
}

// Of a tool of 2025-11-25 (basic/utilities/tasks, Tool-Level Negotiation).
bool needs_task(std::string_view tool) {
    const auto object = json::Object::parse(tool);
    const auto execution = json::Object::parse(object ? (*object)["execution"] : "");
    return execution && (*execution)["taskSupport"] == R"("required")";
}

// Answers ToolChoice for many tools.
class Chooser {
public:
    explicit Chooser(const ToolChoice& choice)
        : shown_(choice.shown.begin(), choice.shown.end()),
          hidden_(choice.hidden.begin(), choice.hidden.end()),
          hides_all_(hidden_.contains("*")),
          shows_all_(shown_.empty() || shown_.contains("*")) {}

    bool has(std::string_view name) const {
        return !hides_all_ && (shows_all_ || shown_.contains(name)) && !hidden_.contains(name);
    }

private:
    std::unordered_set<std::string_view> shown_;
    std::unordered_set<std::string_view> hidden_;
    bool hides_all_;
    bool shows_all_;
};

}  // namespace

Part::Part(const Source& source, Naming naming)
    : listing_(source.listing),
      prefix_(source.prefix),
      tools_(source.tools),
      naming_(std::move(naming)),
      serial_(next_serial()) {
    const Chooser chooser(tools_);
    for (const auto kind : kinds) {
        members_[at(kind)].reserve(listing_->of(kind).size());
        std::unordered_set<std::string_view> keys;
        for (const auto& item : listing_->of(kind)) {
            if (kind == Kind::tools && !chooser.has(item.key)) continue;
            if (keys.insert(item.key).second) {
                add(kind, item, source);
            } else {
                problems_.push_back(
                    source.name + " lists " + item.key + " twice; the first counts"
                );
            }
        }
        for (const auto& member : of(kind))
            mix(digests_[at(kind)], member.digest);
    }
}

bool Part::is_of(const Source& source, const Naming& naming) const {
    return listing_ == source.listing && prefix_ == source.prefix && tools_ == source.tools &&
           naming_ == naming;
}

void Part::add(Kind kind, const Item& item, const Source& source) {
    Member member;
    member.part = this;
    member.item = &item;
    member.entry.name = item.key;
    member.entry.upstream = source.upstream;
    if (kind == Kind::tools && !take_rules(member, source)) return;
    if (has_names(kind)) {
        member.entry.quoted_original = json::quoted(item.key);
        if (!naming_.is_plain) give_name(member, source);
    }
    if (kind == Kind::templates) templates_.emplace_back(item.key);
    if (kind == Kind::templates || kind == Kind::resources) {
        for (const auto prefix : prefixes(item.key))
            prefixes_.emplace(prefix);
    }
    if (kind == Kind::tools) {
        for (const auto uri : app_resources(item.bytes))
            app_resources_.emplace(uri);
    }
    member.name_hash = TextHash()(member.entry.name);
    mix(member.digest, member.name_hash);
    mix(member.digest, TextHash()(member.changed.empty() ? item.bytes : member.changed));
    members_[at(kind)].push_back(std::move(member));
}

// False when the tool is left out. A tool of a stateless server whose x-mcp-header is invalid must
// not be used (2026-07-28, basic/transports/streamable-http, Schema Extension); to a server with
// sessions the keyword meant nothing, so there only the keyword goes.
bool Part::take_rules(Member& member, const Source& source) {
    const auto& tool = *member.item;
    const bool is_stateless = listing_->profile.is_stateless;
    member.entry.has_wrapped_output = has_wrapped_output(tool.bytes);
    member.entry.needs_task = needs_task(tool.bytes);
    auto rules = mcp::mirror_rules(tool.bytes);
    if (rules) {
        member.entry.mirror_rules = *std::move(rules);
        return true;
    }
    problems_.push_back(
        source.name + " lists " + tool.key + (is_stateless ? ", which is left out: " : " with ") +
        rules.error().text
    );
    if (!is_stateless) member.changed = mcp::without_mirror_rules(tool.bytes);
    return !is_stateless;
}

// The name with the server's in front of it, and where it goes in the bytes.
void Part::give_name(Member& member, const Source& source) {
    const auto& bytes = member.changed.empty() ? member.item->bytes : member.changed;
    auto qualified = qualify({source.prefix, source.name, member.item->key}, naming_.separator);
    member.entry.name = std::move(qualified.name);
    member.is_final = qualified.is_hashed;
    const auto object = json::Object::parse(bytes);
    const auto value = (*object)["name"];
    member.name_at = static_cast<std::uint32_t>(value.data() - bytes.data());
    member.name_size = static_cast<std::uint32_t>(value.size());
}

// A server that is configured anew has another number, so that numbers are many in time.
void PartMaker::forget_gone() {
    std::erase_if(known_, [](const auto& each) {
        return std::ranges::all_of(each.second, [](const auto& part) { return part.expired(); });
    });
    sweep_at_ = 2 * known_.size() + 64;
}

PartHandle PartMaker::make(const Source& source, const Naming& naming, bool& is_new) {
    if (known_.size() >= sweep_at_) forget_gone();
    auto& known = known_[source.upstream];
    std::erase_if(known, [](const auto& part) { return part.expired(); });
    for (const auto& each : known) {
        if (auto part = each.lock(); part && part->is_of(source, naming)) return part;
    }
    is_new = true;
    auto part = std::make_shared<const Part>(source, naming);
    known.push_back(part);
    return part;
}

}  // namespace gw::catalog
