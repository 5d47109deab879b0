#include "app/environment.hpp"

#include <cstdlib>

namespace gw::app {

std::optional<std::string> process_environment(std::string_view name) {
    // Nothing in this program changes the environment, so reading it from any thread is safe.
    const char* value = std::getenv(std::string(name).c_str());  // NOLINT(concurrency-mt-unsafe)
    if (value == nullptr) return std::nullopt;
    return value;
}

}  // namespace gw::app
