#include "app/settings_table.hpp"

#include "app/nearest.hpp"
#include "app/settings_reference.hpp"
#include "app/variable_settings.hpp"
#include "app/variables_reference.hpp"
#include "unit/app/reading.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

namespace gw::app::test {
namespace {

Settings with_entries() {
    Settings settings;
    settings.upstreams.emplace_back();
    settings.servers.emplace_back();
    return settings;
}

// A value of the setting that differs from its default, as YAML.
std::string another_value(const Setting& setting) {
    auto settings = with_entries();
    const auto now = value_text(setting, setting.field(settings, 0));
    if (std::holds_alternative<Flag>(setting.type)) return now == "true" ? "false" : "true";
    if (const auto* type = std::get_if<Count>(&setting.type)) return std::to_string(type->max);
    if (const auto* type = std::get_if<Bytes>(&setting.type)) return std::to_string(type->max);
    if (std::holds_alternative<Duration>(setting.type)) return "599s";
    if (const auto* type = std::get_if<Choice>(&setting.type)) return yaml_text(type->names.back());
    if (std::holds_alternative<TextMap>(setting.type)) return "{X: y}";
    const bool is_list = std::holds_alternative<TextList>(setting.type);
    for (const std::string_view text : {"x", "http://h", "127.0.0.1:9", "127.0.0.1"}) {
        const auto* one = std::get_if<Text>(&setting.type);
        const auto accepts = is_list ? std::get<TextList>(setting.type).accepts : one->accepts;
        if (accepts == nullptr || accepts(text)) {
            return is_list ? "[" + yaml_text(text) + "]" : yaml_text(text);
        }
    }
    return "";
}

// A file with one setting in it.
std::string file_with(std::string_view name, const std::string& value) {
    std::string text;
    std::string indent;
    for (auto dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.')) {
        text += indent + std::string(name.substr(0, dot)) + ":\n";
        indent += "  ";
        name.remove_prefix(dot + 1);
    }
    return text + indent + std::string(name) + ": " + value + "\n";
}

std::string document(const std::string& name) {
    const std::ifstream in(std::string(GW_SOURCE_DIR) + "/docs/" + name + ".md");
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

TEST(settings_table, names_each_setting_once) {
    std::set<std::string_view> names;
    for (const auto& setting : settings_table())
        EXPECT_TRUE(names.insert(setting.name).second) << setting.name;
}

TEST(settings_table, each_setting_has_a_field_of_its_own_and_can_be_set_from_a_file) {
    for (const auto& setting : settings_table()) {
        const auto file = file_with(setting.name, another_value(setting));
        const auto outcome = read_yaml(file);
        EXPECT_EQ(outcome.errors(), "") << file;
        auto settings = outcome.settings;
        settings.upstreams.resize(1);
        settings.servers.resize(1);
        auto untouched = with_entries();
        for (const auto& other : settings_table()) {
            const bool is_changed = value_text(other, other.field(settings, 0)) !=
                                    value_text(other, other.field(untouched, 0));
            EXPECT_EQ(is_changed, &other == &setting) << file << other.name;
        }
    }
}

TEST(settings_table, defaults_are_within_their_range) {
    auto settings = with_entries();
    for (const auto& setting : settings_table()) {
        const auto value = value_text(setting, setting.field(settings, 0));
        // What is not set has no spelling.
        const auto* time = std::get_if<Duration>(&setting.type);
        if (value == "\"\"" || (time != nullptr && value == time->zero)) continue;
        EXPECT_EQ(read_yaml(file_with(setting.name, value)).errors(), "") << setting.name;
    }
}

TEST(settings_table, choices_name_every_value_of_their_enumeration) {
    const auto count = [](std::string_view name) {
        return std::get<Choice>(find_setting(name)->type).names.size();
    };
    EXPECT_EQ(count("sessions.mode"), static_cast<std::size_t>(SessionMode::off) + 1);
    EXPECT_EQ(
        count("upstreams.NAME.transport"), static_cast<std::size_t>(UpstreamTransport::sse) + 1
    );
    EXPECT_EQ(count("servers.ID.names"), static_cast<std::size_t>(NameStyle::plain) + 1);
    EXPECT_EQ(count("names.separator"), static_cast<std::size_t>(Separator::dot) + 1);
    EXPECT_EQ(count("log.level"), static_cast<std::size_t>(LogLevel::error) + 1);
    EXPECT_EQ(count("log.format"), static_cast<std::size_t>(LogFormat::text) + 1);
}

TEST(settings_table, meanings_are_sentences) {
    for (const auto& setting : settings_table()) {
        EXPECT_TRUE(setting.meaning.ends_with('.')) << setting.name;
        EXPECT_EQ(setting.meaning.find('|'), std::string_view::npos) << setting.name;
    }
}

TEST(settings_table, docs_operations_has_it) {
    EXPECT_NE(document("operations").find(settings_markdown()), std::string::npos)
        << "docs/operations.md lacks this table (bascule config --markdown):\n"
        << settings_markdown();
}

TEST(variables_reference, docs_environment_has_it) {
    EXPECT_NE(document("environment").find(variables_markdown()), std::string::npos)
        << "docs/environment.md lacks this (bascule config --env --markdown):\n"
        << variables_markdown();
}

TEST(variables_reference, names_each_variable_in_columns) {
    const auto text = variables_columns();
    for (const auto& setting : settings_table()) {
        const auto row = "\n" + std::string(setting.name) + " ";
        EXPECT_EQ(text.find(row) == text.npos, is_of_entry(setting)) << row;
        EXPECT_NE(text.find(variable_name(setting)), text.npos) << row;
    }
}

TEST(settings_reference, shows_default_unit_and_meaning_in_columns) {
    const auto text = settings_columns();
    for (const auto& setting : settings_table())
        EXPECT_NE(text.find("\n" + std::string(setting.name) + " "), text.npos) << setting.name;
    EXPECT_NE(text.find(" 16MiB "), text.npos);
    EXPECT_NE(text.find("bytes, 1KiB to 1GiB"), text.npos);
}

TEST(nearest, counts_insertions_deletions_and_replacements) {
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
    EXPECT_EQ(edit_distance("", "abc"), 3U);
    EXPECT_EQ(edit_distance("abc", ""), 3U);
    EXPECT_EQ(edit_distance("abc", "abc"), 0U);
    EXPECT_EQ(edit_distance("ab", "ba"), 2U);
}

TEST(nearest, prefers_the_same_section_among_equals) {
    EXPECT_EQ(nearest_setting("timeouts.idel"), "timeouts.idle");
    EXPECT_EQ(nearest_setting("processes.idle_timout"), "processes.idle_timeout");
    EXPECT_EQ(nearest_setting("sessions.idle_timout"), "sessions.idle_timeout");
}

}  // namespace
}  // namespace gw::app::test
