#pragma once

#include "app/settings.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gw::app {

// Takes out the upstream servers whose URL is `listen`, where this gateway listens itself, or a
// path of ours below public_url, as when its own snippet was pasted into the file that it reads: it
// would list itself, and what it lists, without end. Their names.
std::vector<std::string> remove_own(Settings& settings, std::string_view listen);

}  // namespace gw::app
