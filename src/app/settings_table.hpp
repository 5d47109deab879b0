#pragma once

#include "app/settings.hpp"

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// The one table of settings. The loaders, the checks, `bascule config` and docs/operations.md are
// made of it: a new setting is a field in settings.hpp and a row here.
namespace gw::app {

struct Flag {
    // Only a file makes it true. It gives protection up, and a variable may have been left over
    // from something else.
    bool only_a_file_makes_true = false;
};

struct Count {
    std::size_t min = 0;
    std::size_t max = 0;
    std::string_view zero;  // A word that stands for 0, or empty.
};

struct Bytes {
    std::size_t min = 0;
    std::size_t max = 0;
};

struct Duration {
    Time min{0};
    Time max{0};
    std::string_view zero;  // What no duration means, where the field may have none; not a word.
};

// One text. `expected` says in words what `accepts` demands.
struct Text {
    std::string_view expected = "a text";
    bool (*accepts)(std::string_view) = nullptr;
    bool may_be_secret = false;  // Messages never quote it.
};

struct TextList {
    std::string_view expected = "texts";
    bool (*accepts)(std::string_view) = nullptr;
};

// A map of texts, whose names and values are checked.
struct TextMap {
    std::string_view expected;
    bool (*accepts_name)(std::string_view) = nullptr;
    bool (*accepts_value)(std::string_view) = nullptr;
};

// The names of an enumeration's values, in their order.
struct Choice {
    std::span<const std::string_view> names;
};

using ValueType = std::variant<Flag, Count, Bytes, Duration, Text, TextList, TextMap, Choice>;

// Where a value is kept.
using ValuePointer = std::variant<
    bool*,
    std::size_t*,
    Time*,
    std::string*,
    std::vector<std::string>*,
    std::map<std::string, std::string>*,
    SessionMode*,
    UpstreamTransport*,
    UpstreamEra*,
    DeclaredCapabilities*,
    NameStyle*,
    Separator*,
    LogLevel*,
    LogFormat*>;

struct Setting {
    std::string_view name;  // The path of its keys, with NAME or ID where the operator chooses one.
    ValueType type;
    std::string_view meaning;
    // `entry` chooses the upstream or virtual server where `name` has NAME or ID; it must exist.
    ValuePointer (*field)(Settings& settings, std::size_t entry);
};

// Grouped by section, in the order of documentation.
std::span<const Setting> settings_table();

// Whether it belongs to an upstream or a virtual server, of which there may be many.
bool is_of_entry(const Setting& setting);

// Null when there is none.
const Setting* find_setting(std::string_view name);

// Whether some setting's name begins with `name` and a dot.
bool is_section(std::string_view name);

// The setting or section whose name is most like `name`, which is none.
std::string_view nearest_setting(std::string_view name);

}  // namespace gw::app
