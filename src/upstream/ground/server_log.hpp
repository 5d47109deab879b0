#pragma once

#include "upstream/ground/config.hpp"
#include "upstream/ground/secrets.hpp"

#include <concepts>
#include <functional>
#include <string_view>
#include <utility>

namespace gw::upstream {

// The only way to the log from here: a line is about one server, and what that was told in
// confidence is taken out of it.
class ServerLog {
public:
    // Writes a line, with the name of the server.
    using Sink = std::function<void(std::string_view upstream, std::string_view line)>;

    template <std::convertible_to<Sink> Function>
    ServerLog(Function sink) : sink_(std::move(sink)) {}  // NOLINT(*-explicit-*): it is one.

    void operator()(const Config& config, std::string_view line) const {
        sink_(config.name, without_secrets(config, line));
    }

private:
    Sink sink_;
};

}  // namespace gw::upstream
