#pragma once

#include "auth/permit.hpp"
#include "catalog/freshness.hpp"
#include "catalog/listing.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gw::catalog {

// What an operator lets an upstream server show of its tools, by its own names for them.
struct ToolChoice {
    std::vector<std::string> shown;   // Empty: all of them.
    std::vector<std::string> hidden;  // "*": all of them.

    bool is_everything() const { return shown.empty() && hidden.empty(); }

    bool operator==(const ToolChoice&) const = default;
};

// One upstream server's part in a view.
struct Source {
    auth::UpstreamNumber upstream = 0;
    std::string name;    // Its key in the configuration.
    std::string prefix;  // What it is called in qualified names.
    ListingHandle listing;
    std::shared_ptr<const Freshness> freshness = {};  // Null when nothing is known of it.
    ToolChoice tools = {};
};

}  // namespace gw::catalog
