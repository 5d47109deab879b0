#include "app/exit_code.hpp"

#include "app/printable.hpp"

#include <ostream>
#include <sstream>
#include <string>

namespace gw::app {

void tell(std::string_view line, std::ostream& err) {
    err << "bascule: " << printable(line) << "\n";
}

int refuse(std::string_view lines, std::ostream& err) {
    std::istringstream in{std::string(lines)};
    for (std::string line; std::getline(in, line);)
        tell(line, err);
    return exit_usage;
}

int tell_failure(const Error& error, std::ostream& err) {
    refuse(error.text + (error.detail.empty() ? "" : " (" + error.detail + ")"), err);
    return error.kind == Errc::invalid_params ? exit_usage : exit_failed;
}

}  // namespace gw::app
