#pragma once

#include "mcp/peer.hpp"
#include "session/session.hpp"
#include "transport/post_stream.hpp"

#include <string_view>

namespace gw::transport {

// The client's side of one call that came by POST: what the server says and asks while it works
// goes on that POST's stream.
class PostExchange final : public mcp::Exchange {
public:
    // `id` and `progress_token` are the client's own, as it wrote them. All of it outlives this.
    PostExchange(
        PostStream& stream,
        session::Session& session,
        std::string_view id,
        std::string_view progress_token
    );

    Task<Result<void>> notify(mcp::Notification notification) override;
    Task<Result<mcp::Answer>> ask(mcp::ServerRequest request) override;
    void set_withdrawable(mcp::Withdrawable* call) override;

    bool is_withdrawn() const { return running_.is_withdrawn; }

private:
    bool is_wanted(const mcp::Notification& notification) const;
    std::string message(const mcp::Notification& notification) const;

    PostStream& stream_;
    session::Session& session_;
    session::RunningCall running_;
    std::string_view progress_token_;
};

}  // namespace gw::transport
