#pragma once

#include <string>

namespace gw::app {

// Whether the URL of an upstream is `listen`, where this gateway listens itself, or a path of ours
// below `public_url`, as when its own snippet was pasted into the file that it reads: it would list
// itself, and what it lists, without end.
bool is_own_address(
    const std::string& url, const std::string& listen, const std::string& public_url
);

}  // namespace gw::app
