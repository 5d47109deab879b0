#pragma once

#include "app/settings.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

// The variables of ContextForge, so that its users can come with the environment that they have.
namespace gw::app {

// How the value of a variable becomes one of the setting's.
struct Conversion {
    std::string_view expected;  // What the value must be, and becomes. Empty: what the setting is.
    // Nothing for a value that is not that. Null: it stays as it is.
    std::optional<std::string> (*convert)(std::string_view value, const Settings& settings) =
        nullptr;
};

// Whether other programs have a variable of this name too.
enum class Naming { its_own, common };

struct ContextForgeVariable {
    std::string_view name;
    Naming naming = Naming::its_own;
    // The setting that means the same; without a conversion the one that is nearest, or none.
    std::string_view setting = {};
    const Conversion* conversion = nullptr;

    bool has_counterpart() const { return conversion != nullptr; }
};

// First those with a counterpart, in the order in which they are applied.
std::span<const ContextForgeVariable> contextforge_variables();

}  // namespace gw::app
