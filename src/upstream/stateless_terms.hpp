#pragma once

#include "mcp/capabilities.hpp"
#include "mcp/log_level.hpp"
#include "mcp/peer.hpp"
#include "mcp/revision.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gw::upstream {

// What a session would keep for a stateless server, and every request says anew.
class StatelessTerms {
public:
    // Declares `capabilities` with every request, and with some the tasks extension.
    explicit StatelessTerms(const mcp::ClientCapabilities& capabilities)
        : capabilities_(capabilities) {}

    // What goes with `request`.
    mcp::ClientCapabilities declared_with(const mcp::Request& request) const {
        auto declared = capabilities_;
        declared.tasks = declared.tasks || request.accepts_task;
        return declared;
    }

    std::string_view version() const { return to_string(version_); }

    void set_version(mcp::Revision version);

    // Takes the level out of a logging/setLevel, and answers it.
    mcp::Answer set_level(const mcp::Request& request);

    // The level of log messages that the request wants; none: no messages.
    std::optional<mcp::LogLevel> level_of(const mcp::Request& request) const;

    // The params with our envelope in `_meta`. Progress tokens are ours upstream: `id`, that of the
    // request, which is unique.
    mcp::Splice with_envelope(const mcp::Request& request, std::string_view id);

private:
    const std::string& plain_meta(std::string_view meta, std::optional<mcp::LogLevel> level);

    mcp::ClientCapabilities capabilities_;
    mcp::Revision version_ = mcp::newest;
    std::optional<mcp::LogLevel> level_;  // Of requests that do not say one themselves.
    // The last `_meta` that was made: most requests of a client have the same.
    std::string meta_of_;
    std::optional<mcp::LogLevel> meta_level_;
    std::string meta_;
};

}  // namespace gw::upstream
