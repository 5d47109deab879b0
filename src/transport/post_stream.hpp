#pragma once

#include "async/event.hpp"
#include "async/gate.hpp"
#include "async/wheel.hpp"
#include "session/session.hpp"
#include "transport/connection.hpp"

#include <string>

namespace gw::transport {

// What a POST is answered with: plain JSON as long as one message is all there is, a stream of
// events from the moment that something has to go out before it, or that it takes long: a silent
// connection would not survive proxies, and could not be resumed.
class PostStream final : async::Timer {
public:
    // All of it outlives this.
    PostStream(Connection& connection, const Incoming& incoming, session::Session& session);
    ~PostStream();

    // The stream, begun if it was not; null when the client takes no streams.
    session::Stream* open();

    bool is_open() const { return stream_ != nullptr; }

    // True when the client cannot be sent anything before the answer.
    bool is_json_only() const { return is_json_only_; }

    // Waits while the client is far behind; it may have gone, too.
    Task<> keep_pace();

    // Ends the stream with its last message, and returns when it is written or cannot be.
    Task<> finish(session::Stream::Message last);

    // The same without a message: the call was withdrawn.
    Task<> finish();

    // Is told when the client has left before the end; null for nobody.
    void set_caller(mcp::Withdrawable* caller) { caller_ = caller; }

    TimePoint now() { return connection_.endpoint().shard().now(); }

private:
    void expire() override { open(); }

    Task<> write();

    Connection& connection_;
    const Incoming& incoming_;
    session::Session& session_;
    session::Stream* stream_ = nullptr;
    mcp::Withdrawable* caller_ = nullptr;
    bool is_json_only_;
    bool is_written_ = false;  // The writer has ended.
    bool is_kept_ = true;      // For a client that comes back.
    async::Gate gate_;
};

}  // namespace gw::transport
