#pragma once

#include "app/settings.hpp"
#include "app/tokens.hpp"
#include "app/topology.hpp"
#include "auth/authenticator.hpp"
#include "transport/options.hpp"
#include "web/options.hpp"

#include <memory>

namespace gw::app {

// What the settings say, in the forms in which the parts take it. Immutable: a change makes a new
// one.
struct Configuration {
    std::shared_ptr<const Settings> settings;
    std::shared_ptr<const web::Options> web;
    std::shared_ptr<const transport::Options> mcp;
    std::shared_ptr<const TokenTable> tokens;  // Null when nobody needs one.
    std::shared_ptr<const auth::Authenticator> authenticator;
    gateway::TopologyHandle topology;
    std::shared_ptr<const upstream::Targets> targets;
    std::shared_ptr<const net::Networks> denied;
};

// Makes configurations, one after the other; each goes on from the one before, so that what stays
// keeps its place. It owns what they all use; a copy shares that, and goes on by itself.
class Configurator {
public:
    // Reads the files that the settings name, so it blocks. When it fails nothing has changed.
    Result<Configuration> make(Settings settings);

private:
    TopologyBuilder topology_;
    auth::PolicyVersion policy_ = 0;  // Of what was made last; none has 0.
};

}  // namespace gw::app
