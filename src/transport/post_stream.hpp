#pragma once

#include "async/gate.hpp"
#include "async/wheel.hpp"
#include "session/session.hpp"
#include "transport/stream_writer.hpp"
#include "web/connection.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace gw::transport {

// What a POST is answered with: plain JSON when one message is all there is, a stream of events
// from the moment that something has to go out before it, or that it takes long: a silent
// connection would not survive proxies, and could not be resumed. That is decided once, here: by
// open(), by the timer or by settle(), whichever comes first, and nothing changes it afterwards.
class PostStream final : async::Timer {
public:
    // All of it outlives this.
    PostStream(web::Connection& connection, const Incoming& incoming, session::Session& session);
    ~PostStream();

    // The stream, begun if it was not; null when the answer is JSON.
    session::EventStream* open();

    // False when the answer can only be JSON.
    bool may_begin() const { return form_ != Form::json; }

    bool has_begun() const { return form_ == Form::events; }

    // The answer is there and is going to be written. True when it has to go on the stream, which
    // finish() then ends; else it is JSON, and no stream begins any more.
    bool settle();

    // Waits until the stream, which has begun, has room for an event of so many bytes: whoever
    // writes it, here or to a client that has come back for it, does not fall behind.
    Task<> wait_for_room(std::size_t size);

    // Ends the stream with its last message, and returns when it is written or cannot be; false
    // when it could not.
    Task<bool> finish(session::EventStream::Message last);

    // The same without a message: the call was withdrawn.
    Task<bool> finish();

    // Is told when the client has left before the end; null for nobody.
    void set_caller(mcp::Withdrawable* caller) { caller_ = caller; }

    // What was to be written is not, and the caller is told.
    void client_has_left();

    // Writes a comment on the stream, begun if it was not. False when the answer is JSON.
    bool comment();

    TimePoint now() { return connection_.shard().now(); }

    // Who asked, and whether that one may still hear what comes of it.
    const auth::PrincipalHandle& principal() const { return incoming_.request.who; }

    bool may_go_on() { return connection_.server().is_still_valid(*principal()); }

private:
    enum class Form : std::uint8_t { undecided, json, events };

    void expire() override { open(); }

    void decide(Form form);
    Task<> write();

    web::Connection& connection_;
    const Incoming& incoming_;
    session::Session& session_;
    session::EventStream* stream_ = nullptr;
    mcp::Withdrawable* caller_ = nullptr;
    Form form_ = Form::undecided;
    bool is_kept_ = true;                 // For a client that comes back.
    std::optional<StreamWriter> writer_;  // While it writes.
    async::Gate gate_;
};

}  // namespace gw::transport
