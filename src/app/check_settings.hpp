#pragma once

#include "app/report.hpp"
#include "app/settings.hpp"

#include <string>

namespace gw::app {

// Takes out the upstreams that cannot be used by themselves, or because of one before them, and
// reports why: rules that concern several of their settings, and files that they name. `listen` is
// where the gateway listens, whatever the settings say now.
void leave_out_upstreams(Settings& settings, const std::string& listen, Report& report);

// Reports what else is wrong with settings that are each within their range: rules that concern
// several of them. The gateway must not start with an error. Virtual servers do without upstreams
// that are left out.
void check_settings(Settings& settings, Report& report);

// Reports files that the other settings name and that cannot be used.
void check_files(const Settings& settings, Report& report);

}  // namespace gw::app
