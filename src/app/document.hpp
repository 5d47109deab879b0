#pragma once

#include "app/report.hpp"

#include <optional>
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
    std::vector<Entry> entries;  // Of a list or a map; keys are unique.

    const Entry* find(std::string_view key) const;
};

struct Entry {
    std::string key;  // Empty in a list.
    int line = 1;     // That of the key.
    Node value;
};

// "a list", for messages.
std::string_view to_string(Node::Kind kind);

// Makes a tree of the events of a parser, which come in well-formed nesting. Reports keys that
// stand twice, since readers differ in which one they take.
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

// What a configuration file may have at most.
inline constexpr std::size_t file_bytes_max = 1024UL * 1024;

// Nothing after an error that leaves no tree. YAML without anchors, aliases and tags, which no
// setting needs and which can make a small file enormous; one document.
std::optional<Node> parse_yaml(std::string_view text, FileReport& report);

// JSON (RFC 8259) with comments and trailing commas, as editors keep it.
std::optional<Node> parse_json(std::string_view text, FileReport& report);

}  // namespace gw::app
