#pragma once

#include "app/environment.hpp"
#include "app/report.hpp"
#include "app/settings.hpp"
#include "app/settings_table.hpp"

#include <string>
#include <string_view>

// Settings that come from variables of the environment.
namespace gw::app {

// The variable of a setting, BASCULE_TIMEOUTS_CALL of timeouts.call. Empty for what belongs to an
// upstream or a virtual server: those come from files only.
std::string variable_name(const Setting& setting);

// Null when it is the variable of none.
const Setting* find_setting_of_variable(std::string_view name);

// When the variables of ContextForge with common names, such as HOST, count: beside one that has a
// name of its own, or always.
enum class CommonNames { beside_others, always };

// Sets what variables say; the rest of `settings` stays. First BASCULE_..., then where those say
// nothing the variables of ContextForge; what of them counts and what is not used is a warning. A
// variable that is empty counts as not set. What cannot be used is an error that names the
// variable, the setting and what was expected. Values are those of a file, or of ContextForge;
// a flag is what parse_flag() takes; a list is JSON or is separated by commas.
void read_variable_settings(
    const Environment& environment, CommonNames common, Report& report, Settings& settings
);

// The parts of a list that is separated by commas, without spaces around them and without empty
// ones.
std::vector<std::string> split_list(std::string_view text);

}  // namespace gw::app
