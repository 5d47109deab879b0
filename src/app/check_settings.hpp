#pragma once

#include "app/report.hpp"
#include "app/settings.hpp"

namespace gw::app {

// Reports what is wrong with settings that are each within their range: rules that concern several
// of them. The gateway must not start with an error.
void check_settings(const Settings& settings, Report& report);

// Reports files that the settings name and that cannot be used.
void check_files(const Settings& settings, Report& report);

}  // namespace gw::app
