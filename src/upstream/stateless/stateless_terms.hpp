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

// What a server with sessions would remember of one: version, capabilities, log level. A stateless
// server is told them with every request. They belong to one link.
class StatelessTerms {
public:
    // Log messages are wanted from `info` on until set_level(): a server with sessions sends them
    // unasked, but a stateless one has to be asked. For the catalogue none are wanted, because
    // nobody reads them.
    explicit StatelessTerms(const LinkPurpose& purpose) : capabilities_(purpose.capabilities) {
        if (!purpose.hears_changes) level_ = mcp::LogLevel::info;
    }

    // The capabilities that `request` declares: those of the link, and the tasks extension if the
    // request accepts a task.
    mcp::ClientCapabilities declared_with(const mcp::Request& request) const {
        auto declared = capabilities_;
        declared.tasks = declared.tasks || request.accepts_task;
        return declared;
    }

    // The revision that requests are made in, as text and as a value. The newest, until
    // set_version().
    std::string_view version() const { return to_string(version_); }

    mcp::Revision revision() const { return version_; }

    // Requests are made in this revision from now on; a stateless one.
    void set_version(mcp::Revision version);

    // Answers logging/setLevel in the server's place: keeps the level for later requests. After a
    // level that does not exist no messages are wanted.
    mcp::Answer set_level(const mcp::Request& request);

    // The least severe level of log messages that the request wants; nothing: no messages.
    std::optional<mcp::LogLevel> level_of(const mcp::Request& request) const;

    // The params of `request` with the envelope in their `_meta`. If the caller wants progress, the
    // token is `id`, that of the request as JSON. The result points into `request`.
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
