#include "app/environment.hpp"

#include <cstdlib>
#include <unistd.h>

namespace gw::app {
namespace {

// Nothing in this program changes the environment, so reading it from any thread is safe.
std::optional<std::string> value_of(std::string_view name) {
    const char* value = std::getenv(std::string(name).c_str());  // NOLINT(concurrency-mt-unsafe)
    if (value == nullptr) return std::nullopt;
    return value;
}

std::vector<std::string> all_names() {
    std::vector<std::string> names;
    for (char** each = environ; each != nullptr && *each != nullptr; ++each) {
        const std::string_view variable(*each);
        names.emplace_back(variable.substr(0, variable.find('=')));
    }
    return names;
}

}  // namespace

Environment process_environment() {
    return Environment(value_of, all_names());
}

}  // namespace gw::app
