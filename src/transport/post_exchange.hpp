#pragma once

#include "mcp/peer.hpp"
#include "session/session.hpp"
#include "transport/post_stream.hpp"

#include <string_view>

namespace gw::transport {

// The client's side of one call that came by POST: what the server says and asks while it works
// goes on that POST's stream.
class PostExchange final : public mcp::Exchange, public mcp::Withdrawable {
public:
    // `id` and `progress_token` are the client's own, as it wrote them; `envelope` is null when it
    // has a session. All of it outlives this.
    PostExchange(
        PostStream& stream,
        session::Session& session,
        std::string_view id,
        std::string_view progress_token,
        const mcp::Envelope* envelope = nullptr
    );

    Task<Result<void>> notify(mcp::Notification notification) override;
    Task<Result<mcp::Answer>> ask(mcp::ServerRequest request) override;
    void set_withdrawable(mcp::Withdrawable* call) override;

    // True when the client wants no answer any more.
    bool is_unwanted() const { return running_.is_unwanted; }

    // True when the gateway has ended the call: instead of a result, its client is told why.
    bool has_ended() const { return running_.is_withdrawn && !running_.is_unwanted; }

    // Why it has.
    Error why_ended() const;

    // It is a stream of changes: they go to it, and nothing else does.
    void listen() { is_listening_ = true; }

    bool is_listening() const { return is_listening_; }

    // The client has left: to a stateless one that means that it wants no answer.
    void withdraw() override { running_.cancel({}); }

private:
    // True when the token that the call came with is good no more: what was begun with it ends
    // then.
    bool has_lost_client();
    bool is_wanted(const mcp::Notification& notification) const;
    bool is_wanted_stateless(const mcp::Notification& notification) const;
    static Task<Result<mcp::Answer>> refuse();
    Task<Result<mcp::Answer>> ask_in_turn(session::EventStream& stream, mcp::ServerRequest request);
    std::string message(const mcp::Notification& notification) const;

    PostStream& stream_;
    session::Session& session_;
    session::RunningCall running_;
    std::string_view progress_token_;
    const mcp::Envelope* envelope_;
    bool is_listening_ = false;
};

}  // namespace gw::transport
