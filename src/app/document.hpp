#pragma once

#include "app/report.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gw::app {

struct Entry;

// A YAML or JSON file as a tree that knows its lines. Scalars are kept as they were written.
struct Node {
    enum class Kind { null, scalar, list, map };

    Kind kind = Kind::null;
    int line = 1;
    std::string text;            // Of a scalar.
    std::vector<Entry> entries;  // Of a list or a map.

    // The first with this key.
    const Entry* find(std::string_view key) const;
};

// One value of a list or a map, with its place in the file.
struct Entry {
    std::string key;  // Empty in a list.
    int line = 1;     // That of the key.
    Node value;
    int first = 0;  // Where the same key stands for the first time, if it does: see is_repeated().
};

// Whether the key stood in its map before, since readers differ in which of the two they take;
// reports it. Who reads a map asks this of every entry.
bool is_repeated(const Entry& entry, FileReport& report);

// "a list", for messages.
std::string_view to_string(Node::Kind kind);

// Makes a tree of the events of a parser, which come in well-formed nesting.
class TreeBuilder {
public:
    // Deeper nesting than any setting has; refused before it costs anything.
    static constexpr std::size_t depth_max = 16;

    explicit TreeBuilder(FileReport& report) : report_(report) {}

    // False after an error that leaves no tree; the parser has to stop then.
    bool begin(Node::Kind kind, int line);
    void end();

    // A value, or in a map a key when one is due.
    void scalar(std::string text, int line);
    void null(int line);

    Node take() { return std::move(root_); }

private:
    struct Level {
        Node node;
        std::optional<Entry> key;                    // In a map: what the next value belongs to.
        std::unordered_map<std::string, int> lines;  // Of its keys so far.
    };

    bool expects_key() const;
    void put(Node node);

    FileReport& report_;
    std::vector<Level> levels_;
    Node root_;
};

// What a configuration file may have at most. Other programs keep more than configuration in
// theirs.
inline constexpr std::size_t file_bytes_max = 1024UL * 1024;
inline constexpr std::size_t foreign_file_bytes_max = 64 * file_bytes_max;

// Nothing after an error that leaves no tree. YAML without anchors, aliases and tags, which no
// setting needs and which can make a small file enormous; one document.
std::optional<Node> parse_yaml(std::string_view text, FileReport& report);

// Whether it begins with "key = value", in a "[table]" or not, as TOML does.
bool looks_like_toml(std::string_view text);

inline constexpr std::string_view toml_is_not_read =
    "this looks like TOML, which is not read; write YAML (listen: 127.0.0.1:8080) or JSON";

// Whether the value at this path of keys (of maps within maps) belongs into the tree.
using Wanted = bool(std::span<const std::string> path);

// JSON (RFC 8259) with comments and trailing commas, as editors keep it. What is not wanted is
// checked for its syntax only.
std::optional<Node> parse_json(
    std::string_view text, FileReport& report, Wanted* is_wanted = nullptr
);

}  // namespace gw::app
