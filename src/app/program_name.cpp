#include "app/program_name.hpp"

namespace gw::app {

std::string program_name(std::string_view written) {
    auto word = written.substr(0, written.find_first_of(" \t\r\n"));
    const auto slash = word.find_last_of('/');
    if (slash != std::string_view::npos) word.remove_prefix(slash + 1);
    if (word.find_first_of("${}=") != std::string_view::npos) return {};
    return std::string(word);
}

}  // namespace gw::app
