#pragma once

#include "app/document.hpp"
#include "app/environment.hpp"
#include "app/settings_table.hpp"

#include <string>
#include <string_view>

// Values of settings as text, in both directions.
namespace gw::app {

// What a value may be, for messages: "a time from 10ms to 1h, such as 30s".
std::string expected_text(const Setting& setting);

// The same for tables: its unit or kind, and its range.
std::string unit_text(const Setting& setting);

// The value as YAML writes it on one line.
std::string value_text(const Setting& setting, const ValuePointer& field);

// `text` as a YAML scalar that reads back as the same text.
std::string yaml_text(std::string_view text);

// Reads values out of one file.
class ValueReader {
public:
    ValueReader(const Environment& environment, FileReport& report)
        : environment_(environment), report_(report) {}

    // Sets `field` from `node`, or reports what is wrong and leaves the field or a part of it as
    // it was. `shown` is the setting's name with the operator's words in it. Texts of upstreams may
    // refer to variables. What may be a secret is not quoted in messages.
    void read(
        const Setting& setting, std::string_view shown, const ValuePointer& field, const Node& node
    );

private:
    const Environment& environment_;
    FileReport& report_;
};

}  // namespace gw::app
