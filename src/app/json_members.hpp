#pragma once

#include "base/json.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace gw::app {

// Writes a JSON object, member by member. Values are JSON.
class Members {
public:
    Members& add(std::string_view name, std::string_view json) {
        text_ += text_.empty() ? "{" : ",";
        text_ += json::quoted(name) + ":" + std::string(json);
        return *this;
    }

    Members& add_text(std::string_view name, std::string_view text) {
        return add(name, json::quoted(text));
    }

    Members& add_number(std::string_view name, std::size_t number) {
        return add(name, std::to_string(number));
    }

    std::string object() const { return text_.empty() ? "{}" : text_ + "}"; }

private:
    std::string text_;
};

}  // namespace gw::app
