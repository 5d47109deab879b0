#pragma once

#include "app/environment.hpp"
#include "app/load_settings.hpp"

#include <iosfwd>
#include <string>
#include <vector>

namespace gw::app {

// Says what `serve` would do with these sources, and with `files`, which are either settings or the
// servers of a client: all together, by what serve itself runs until it listens. Returns the exit
// code, which is not 0 when the gateway would not start or would leave an upstream out.
int check(
    const std::vector<std::string>& files,
    Sources sources,
    const Environment& environment,
    std::ostream& out,
    std::ostream& err
);

}  // namespace gw::app
