#pragma once

#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace gw::app {

// Where the values of environment variables come from; nothing for one that is not set.
class Environment {
public:
    // `names` are those of all that are set, where that is known.
    template <std::invocable<std::string_view> Values>
        requires(!std::same_as<std::remove_cvref_t<Values>, Environment>)
    Environment(Values values, std::vector<std::string> names = {})  // NOLINT(*-explicit-*)
        : values_(std::move(values)), names_(std::move(names)) {}

    std::optional<std::string> operator()(std::string_view name) const { return values_(name); }

    const std::vector<std::string>& names() const { return names_; }

private:
    std::function<std::optional<std::string>(std::string_view)> values_;
    std::vector<std::string> names_;
};

// The environment of this process.
Environment process_environment();

}  // namespace gw::app
