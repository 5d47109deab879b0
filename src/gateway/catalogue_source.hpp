#pragma once

#include "auth/permit.hpp"
#include "base/error.hpp"
#include "base/task.hpp"
#include "catalog/listing.hpp"
#include "mcp/capabilities.hpp"
#include "mcp/route.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace gw::gateway {

// An upstream session of the gateway's own, for listing only. A port.
class CatalogueLease {
public:
    virtual ~CatalogueLease() = default;

    // Everything that the server lists, all pages; connects where that is needed. Fails when the
    // server cannot be reached or breaks the protocol.
    virtual Task<Result<catalog::ListingHandle>> list() = 0;

    // Where the server leads, by what it said when it was last connected. When that is back here,
    // nothing is listed, and list() fails.
    virtual const mcp::Route& route() const = 0;

    // True when a session of this server is a process: another one costs its start.
    virtual bool is_process() const = 0;

    // Returns when nothing of it runs any more.
    virtual Task<> close() = 0;
};

// Opens them. A port: app connects it with upstream.
class CatalogueSource {
public:
    virtual ~CatalogueSource() = default;

    // Called when the server says that a list of its has changed, with the notification's method;
    // and without one when any may have, because nobody could hear of it for a while.
    using Changed = std::function<void(std::string_view method)>;

    // A session as a client with these capabilities would have it. It connects when it lists.
    virtual std::unique_ptr<CatalogueLease> open(
        auth::UpstreamNumber upstream, const mcp::ClientCapabilities& capabilities, Changed changed
    ) = 0;

    // What the server has been spoken to in, by whomever, whenever that was tried last. Of both:
    // the lists are of the stateless era, and clients with a session have sessions there.
    struct Eras {
        bool sessions = false;
        bool stateless = false;
    };

    // None is known where the server was not asked, because that is configured.
    virtual Eras spoken(auth::UpstreamNumber upstream) const = 0;

    // `line`, which quotes names that the server lists, for the log: without what the server was
    // told in confidence.
    virtual std::string without_secrets(auth::UpstreamNumber upstream, std::string_view line)
        const = 0;
};

}  // namespace gw::gateway
