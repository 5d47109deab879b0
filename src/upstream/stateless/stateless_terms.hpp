#pragma once

#include "mcp/capabilities.hpp"
#include "mcp/log_level.hpp"
#include "mcp/peer.hpp"
#include "mcp/revision.hpp"
#include "upstream/ground/link.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gw::upstream {

// What a session would keep for a stateless server, and every request says anew.
class StatelessTerms {
public:
    // Declares the capabilities with every request, and with some the tasks extension. Wants log
    // messages of `info` until a session says another level: a server with sessions sends them
    // unasked, and one without has to be asked. Nobody reads what the catalogue would get.
    explicit StatelessTerms(const LinkPurpose& purpose) : capabilities_(purpose.capabilities) {
        if (!purpose.hears_changes) level_ = mcp::LogLevel::info;
    }

    // What goes with `request`.
    mcp::ClientCapabilities declared_with(const mcp::Request& request) const {
        auto declared = capabilities_;
        declared.tasks = declared.tasks || request.accepts_task;
        return declared;
    }

    std::string_view version() const { return to_string(version_); }

    mcp::Revision revision() const { return version_; }

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
