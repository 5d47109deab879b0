#pragma once

#include "web/options.hpp"

#include <string_view>

namespace gw::web {

// True when a page of this origin may talk to us, which reached us as `host`: one of the allowed
// ones, our own, and any page of this machine when we serve this machine only.
bool is_allowed_origin(const Options& options, std::string_view origin, std::string_view host);

// True when the operator has said that the gateway has this name: `authority` is its public one,
// one of the allowed ones, where it listens, or a name of this machine when it serves this machine
// only.
bool is_named_host(const Options& options, std::string_view authority);

// True when a request may name `authority` in its Host. Protects a gateway on this machine from
// pages that resolve their own name to it (MCP 2025-11-25, basic/transports, Security Warning).
bool is_allowed_host(const Options& options, std::string_view authority);

}  // namespace gw::web
