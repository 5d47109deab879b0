#include "app/document.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <utility>

namespace gw::app {
namespace {

Node node_at(int line, Node::Kind kind) {
    Node node;
    node.kind = kind;
    node.line = line;
    return node;
}

Entry entry_at(int line, std::string key) {
    Entry entry;
    entry.key = std::move(key);
    entry.line = line;
    return entry;
}

}  // namespace

const Entry* Node::find(std::string_view key) const {
    const auto found = std::ranges::find(entries, key, &Entry::key);
    return found == entries.end() ? nullptr : &*found;
}

bool is_repeated(const Entry& entry, FileReport& report) {
    if (entry.first == 0) return false;
    const auto place = report.place(entry.first);
    report.error(entry.line, "\"" + entry.key + "\" appears twice; first at " + place);
    return true;
}

std::string_view to_string(Node::Kind kind) {
    switch (kind) {
        case Node::Kind::null: return "nothing";
        case Node::Kind::scalar: return "a text";
        case Node::Kind::list: return "a list";
        case Node::Kind::map: return "a map";
    }
    return "";
}

bool looks_like_toml(std::string_view text) {
    constexpr std::string_view space = " \t\r\n";
    constexpr std::string_view key =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.\"' ";
    // The first line that is no comment and no "[table]", which alone could be a list.
    for (;;) {
        text.remove_prefix(std::min(text.find_first_not_of(space), text.size()));
        if (!text.starts_with('#') && !text.starts_with('[')) break;
        text.remove_prefix(std::min(text.find('\n'), text.size()));
    }
    const auto end = std::min(text.find_first_not_of(key), text.size());
    return end > 0 && text.substr(end).starts_with('=');
}

bool TreeBuilder::expects_key() const {
    return !levels_.empty() && levels_.back().node.kind == Node::Kind::map && !levels_.back().key;
}

bool TreeBuilder::begin(Node::Kind kind, int line) {
    if (levels_.size() >= depth_max) {
        report_.error(line, "nested more deeply than any setting");
        return false;
    }
    if (expects_key()) {
        report_.error(line, "a key must be a text");
        return false;
    }
    levels_.push_back({node_at(line, kind), std::nullopt, {}});
    return true;
}

void TreeBuilder::end() {
    GW_ASSERT(!levels_.empty());
    auto node = std::move(levels_.back().node);
    levels_.pop_back();
    put(std::move(node));
}

void TreeBuilder::scalar(std::string text, int line) {
    if (expects_key()) {
        levels_.back().key = entry_at(line, std::move(text));
        return;
    }
    auto node = node_at(line, Node::Kind::scalar);
    node.text = std::move(text);
    put(std::move(node));
}

void TreeBuilder::null(int line) {
    if (!expects_key()) return put(node_at(line, Node::Kind::null));
    report_.error(line, "a key must be a text");
    levels_.back().key = entry_at(line, "");
}

void TreeBuilder::put(Node node) {
    if (levels_.empty()) {
        root_ = std::move(node);
        return;
    }
    auto& level = levels_.back();
    auto entry = std::exchange(level.key, std::nullopt).value_or(entry_at(node.line, ""));
    if (level.node.kind == Node::Kind::map) {
        const auto [first, is_new] = level.lines.emplace(entry.key, entry.line);
        if (!is_new) entry.first = first->second;
    }
    entry.value = std::move(node);
    level.node.entries.push_back(std::move(entry));
}

}  // namespace gw::app
