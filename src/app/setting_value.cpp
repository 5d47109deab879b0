#include "app/setting_value.hpp"

#include "app/expand.hpp"
#include "app/quantities.hpp"
#include "base/assert.hpp"

#include <algorithm>
#include <array>
#include <type_traits>

namespace gw::app {
namespace {

template <typename... Functions>
struct Overloaded : Functions... {
    using Functions::operator()...;
};

std::string joined(std::span<const std::string_view> names) {
    std::string text;
    for (const auto name : names)
        text += (text.empty() ? "" : ", ") + std::string(name);
    return text;
}

// Why a key is no name. What may be the value of a secret, written into the key, is not repeated.
std::string not_a_name(std::string_view key) {
    const auto name = key.substr(0, key.find_first_of(":="));
    if (name.size() == key.size()) return "\"" + std::string(key) + "\" is not one";
    return "the key that begins with \"" + std::string(name) + key[name.size()] +
           "\" holds a value too: write " + std::string(name) + ": VALUE";
}

template <typename Value, typename Print>
std::string range(Value min, Value max, Print print) {
    return print(min) + " to " + print(max);
}

std::string print_count(std::size_t count) {
    return std::to_string(count);
}

// The least number that can be written: a word that stands for zero is the only way to say it.
std::size_t least(const Count& type) {
    return type.zero.empty() ? type.min : std::max<std::size_t>(type.min, 1);
}

std::size_t choice_of(const ValuePointer& field) {
    return std::visit(
        [](auto* value) -> std::size_t {
            if constexpr (std::is_enum_v<std::remove_pointer_t<decltype(value)>>) {
                return static_cast<std::size_t>(*value);
            }
            GW_ASSERT(false);
        },
        field
    );
}

void choose(const ValuePointer& field, std::size_t choice) {
    std::visit(
        [&](auto* value) {
            using Value = std::remove_pointer_t<decltype(value)>;
            if constexpr (std::is_enum_v<Value>) {
                *value = static_cast<Value>(choice);
            } else {
                GW_ASSERT(false);
            }
        },
        field
    );
}

// One value of one setting on its way from a node to its field.
class Reading {
public:
    Reading(
        const Setting& setting,
        std::string_view shown,
        const Environment& environment,
        FileReport& report
    )
        : setting_(setting), shown_(shown), environment_(environment), report_(report) {}

    void into(const ValuePointer& field, const Node& node) {
        std::visit([&](const auto& type) { read(type, field, node); }, setting_.type);
    }

private:
    bool is_upstream() const { return setting_.name.starts_with("upstreams."); }

    void read(const Flag&, const ValuePointer& field, const Node& node) {
        const auto text = scalar(node);
        if (!text) return;
        if (*text != "true" && *text != "false") return refuse(node);
        *std::get<bool*>(field) = *text == "true";
    }

    void read(const Count& type, const ValuePointer& field, const Node& node) {
        const auto text = scalar(node);
        if (!text) return;
        auto& value = *std::get<std::size_t*>(field);
        if (!type.zero.empty() && *text == type.zero) {
            value = 0;
            return;
        }
        const auto count = parse_count(*text);
        if (!count || *count < least(type) || *count > type.max) return refuse(node);
        value = *count;
    }

    void read(const Bytes& type, const ValuePointer& field, const Node& node) {
        const auto text = scalar(node);
        if (!text) return;
        const auto bytes = parse_bytes(*text);
        if (!bytes || *bytes < type.min || *bytes > type.max) return refuse(node);
        *std::get<std::size_t*>(field) = *bytes;
    }

    void read(const Duration& type, const ValuePointer& field, const Node& node) {
        const auto text = scalar(node);
        if (!text) return;
        const auto time = parse_time(*text);
        if (!time || *time < type.min || *time > type.max) return refuse(node);
        *std::get<Time*>(field) = *time;
    }

    void read(const Choice& type, const ValuePointer& field, const Node& node) {
        const auto text = scalar(node);
        if (!text) return;
        const auto found = std::ranges::find(type.names, *text);
        if (found == type.names.end()) return refuse(node);
        choose(field, static_cast<std::size_t>(found - type.names.begin()));
    }

    void read(const Text& type, const ValuePointer& field, const Node& node) {
        if (auto text = scalar(node)) {
            if (type.accepts != nullptr && !type.accepts(*text)) return refuse(node);
            *std::get<std::string*>(field) = std::move(*text);
        }
    }

    void read(const TextList& type, const ValuePointer& field, const Node& node) {
        auto& values = *std::get<std::vector<std::string>*>(field);
        if (!is(Node::Kind::list, node)) return;
        values.clear();
        for (const auto& entry : node.entries) {
            auto text = scalar(entry.value);
            if (!text) continue;
            if (type.accepts != nullptr && !type.accepts(*text)) {
                refuse(entry.value);
            } else {
                values.push_back(std::move(*text));
            }
        }
    }

    void read(const TextMap& type, const ValuePointer& field, const Node& node) {
        auto& values = *std::get<std::map<std::string, std::string>*>(field);
        if (!is(Node::Kind::map, node)) return;
        values.clear();
        for (const auto& entry : node.entries) {
            if (is_repeated(entry, report_)) continue;
            auto text = scalar(entry.value);
            if (!text) continue;
            if (!type.accepts_name(entry.key)) {
                complain(entry.line, not_a_name(entry.key));
            } else if (!type.accepts_value(*text)) {
                complain(entry.line, "the value of \"" + entry.key + "\" is not acceptable");
            } else {
                values.emplace(entry.key, std::move(*text));
            }
        }
    }

    // Whether the node is a list or a map, as it must be. Nothing counts as an empty one: its
    // entries may be commented out.
    bool is(Node::Kind kind, const Node& node) {
        if (node.kind == kind || node.kind == Node::Kind::null) return true;
        complain(node.line, "not " + std::string(to_string(node.kind)));
        return false;
    }

    std::optional<std::string> scalar(const Node& node) {
        if (node.kind != Node::Kind::scalar) {
            complain(node.line, "not " + std::string(to_string(node.kind)));
            return std::nullopt;
        }
        if (!is_upstream()) return node.text;
        auto text = expand(node.text, environment_);
        if (text) return std::move(*text);
        report_.error(node.line, std::string(shown_) + ": " + text.error().text);
        return std::nullopt;
    }

    bool may_be_secret() const {
        const auto* text = std::get_if<Text>(&setting_.type);
        return is_upstream() || (text != nullptr && text->may_be_secret);
    }

    void refuse(const Node& node) {
        complain(node.line, may_be_secret() ? "" : "not \"" + node.text.substr(0, 100) + "\"");
    }

    void complain(int line, const std::string& reason) {
        const auto expected = std::string(shown_) + ": expected " + expected_text(setting_);
        report_.error(line, expected + (reason.empty() ? "" : "; ") + reason);
    }

    const Setting& setting_;
    std::string_view shown_;
    const Environment& environment_;
    FileReport& report_;
};

}  // namespace

std::string expected_text(const Setting& setting) {
    return std::visit(
        Overloaded{
            [](const Flag&) -> std::string { return "true or false"; },
            [](const Count& type) {
                const auto word = type.zero.empty() ? "" : std::string(type.zero) + " or ";
                return word + "a whole number from " + range(least(type), type.max, print_count);
            },
            [](const Bytes& type) {
                return "a size from " + range(type.min, type.max, bytes_text) + ", such as 16MiB";
            },
            [](const Duration& type) {
                return "a time from " + range(type.min, type.max, time_text) + ", such as 30s";
            },
            [](const Text& type) { return std::string(type.expected); },
            [](const TextList& type) { return "a list of " + std::string(type.expected); },
            [](const TextMap& type) { return "a map of " + std::string(type.expected); },
            [](const Choice& type) { return "one of " + joined(type.names); }
        },
        setting.type
    );
}

std::string unit_text(const Setting& setting) {
    return std::visit(
        Overloaded{
            [](const Flag&) -> std::string { return "true, false"; },
            [](const Count& type) {
                const auto word = type.zero.empty() ? "" : std::string(type.zero) + " or ";
                return word + "count, " + range(least(type), type.max, print_count);
            },
            [](const Bytes& type) { return "bytes, " + range(type.min, type.max, bytes_text); },
            [](const Duration& type) { return "time, " + range(type.min, type.max, time_text); },
            [](const Text&) -> std::string { return "text"; },
            [](const TextList&) -> std::string { return "list"; },
            [](const TextMap&) -> std::string { return "map"; },
            [](const Choice& type) { return joined(type.names); }
        },
        setting.type
    );
}

std::string yaml_text(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string result = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') result += '\\';
        if (byte < 0x20 || byte == 0x7F) {
            result += {'\\', 'x', digits[byte >> 4U], digits[byte & 0xFU]};
        } else {
            result += c;
        }
    }
    return result + "\"";
}

std::string value_text(const Setting& setting, const ValuePointer& field) {
    const auto is_upstream = setting.name.starts_with("upstreams.");
    const auto scalar = [&](std::string text) {
        for (auto at = text.find("${"); is_upstream && at != text.npos;
             at = text.find("${", at + 3))
            text.insert(at, 1, '$');
        return yaml_text(text);
    };
    return std::visit(
        Overloaded{
            [&](const Flag&) -> std::string { return *std::get<bool*>(field) ? "true" : "false"; },
            [&](const Count& type) {
                const auto count = *std::get<std::size_t*>(field);
                return count == 0 && !type.zero.empty() ? std::string(type.zero)
                                                        : print_count(count);
            },
            [&](const Bytes&) { return bytes_text(*std::get<std::size_t*>(field)); },
            [&](const Duration& type) {
                const auto time = *std::get<Time*>(field);
                const bool is_none = time == Time(0) && type.min > Time(0);
                return is_none ? std::string(type.zero) : time_text(time);
            },
            [&](const Text&) { return scalar(*std::get<std::string*>(field)); },
            [&](const TextList&) {
                std::string text;
                for (const auto& value : *std::get<std::vector<std::string>*>(field))
                    text += (text.empty() ? "" : ", ") + scalar(value);
                return "[" + text + "]";
            },
            [&](const TextMap&) {
                std::string text;
                for (const auto& [name, value] :
                     *std::get<std::map<std::string, std::string>*>(field))
                    text += (text.empty() ? "" : ", ") + yaml_text(name) + ": " + scalar(value);
                return "{" + text + "}";
            },
            [&](const Choice& type) -> std::string {
                const auto name = type.names[choice_of(field)];
                const bool is_plain = name.find_first_of("-_.") == std::string_view::npos;
                return is_plain ? std::string(name) : yaml_text(name);
            }
        },
        setting.type
    );
}

void ValueReader::read(
    const Setting& setting, std::string_view shown, const ValuePointer& field, const Node& node
) {
    Reading(setting, shown, environment_, report_).into(field, node);
}

}  // namespace gw::app
