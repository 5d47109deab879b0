#pragma once

#include "app/load_settings.hpp"
#include "base/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace gw::app {

// What a command asks a running gateway, on one line: "status" or "reload", and, where the user
// named a file of settings, that file. Only a gateway that was started on the file answers then:
// whatever else listens where the file says is another one.
struct GatewayQuestion {
    std::string word;
    std::string file = {};  // Absolute; empty for any gateway.

    std::string line() const;  // With its end.
    static GatewayQuestion parse(std::string_view line);
};

inline constexpr std::size_t question_bytes_max = 8192;  // Longer than any path can be.

// Refuses a file that is none of `sources`, and names those that are. Links are followed.
Result<void> check_is_ours(std::string_view file, const Sources& sources);

// How a gateway says that it is not the one that was meant.
std::string refusal(const Error& error);

// The answer, or what a refusal says.
Result<std::string> unless_refused(std::string answer);

}  // namespace gw::app
