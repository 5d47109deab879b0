#pragma once

#include "app/environment.hpp"
#include "app/report.hpp"
#include "app/settings.hpp"
#include "base/error.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gw::app {

// The settings of the working directory, read where nothing else is named.
inline constexpr auto default_config = "bascule.yaml";

// Where settings come from, after the environment, which says what no other does: later ones win,
// and upstreams add up.
struct Sources {
    std::optional<std::string> config;     // A bascule.yaml.
    std::vector<std::string> mcp_servers;  // Files as read_mcp_servers() reads them.
    std::optional<std::string> listen;     // Instead of the setting.
    bool is_reference_env = false;         // Variables of ContextForge count, see CommonNames.

    bool operator==(const Sources&) const = default;
};

// Without files the sources are bascule.yaml of the working directory; Errc::invalid_params when
// there is none.
Result<void> settle_default(Sources& sources);

// Settings that were checked, and what is to be said of them.
struct LoadedSettings {
    Settings settings;
    std::vector<std::string> warnings;
    std::vector<LeftOut> left_out;  // Upstreams that cannot be used, which stops no other.
};

// Reads and checks everything: the gateway can start with what this returns, as far as files can
// tell. The text of the error has all problems, one a line, each with its place. At a reload,
// `before` is what holds now: an upstream that is left out keeps its state of then, if it had one.
Result<LoadedSettings> load_settings(
    const Sources& sources, const Environment& environment, const Settings* before = nullptr
);

}  // namespace gw::app
