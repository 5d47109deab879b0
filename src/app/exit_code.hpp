#pragma once

#include "base/error.hpp"

#include <iosfwd>
#include <string_view>

namespace gw::app {

// How the program ends; documented in --help and docs/operations.md.
enum ExitCode : int {
    exit_ok = 0,
    exit_failed = 1,         // While running.
    exit_usage = 2,          // The command line or the configuration is wrong.
    exit_cannot_listen = 3,  // The address is in use or not ours.
};

// Prints one line of the program, whatever a file or a gateway has put into it.
void tell(std::string_view line, std::ostream& err);

// Prints each of the lines as an error of the program; returns exit_usage.
int refuse(std::string_view lines, std::ostream& err);

// Prints why a command failed; returns how the program ends then.
int tell_failure(const Error& error, std::ostream& err);

}  // namespace gw::app
