#pragma once

#include "gateway/call.hpp"
#include "mcp/scan.hpp"
#include "telemetry/labels.hpp"
#include "transport/post_stream.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace gw::transport {

// What came of one request.
struct Answered {
    std::string_view id;  // The client's, as it wrote it.
    Slice content;        // Of "result" or "error".
    bool is_error = false;
    bool is_withdrawn = false;   // The client wants no answer any more.
    int status = 200;            // When it is the whole response.
    Errc kind = Errc::internal;  // Of a failure of ours.
    telemetry::Outcome outcome = telemetry::Outcome::result;
    mcp::TimeAtPeers at_peers;
    mcp::Parked parked;  // The call, if it waits for its client to bring answers.
    std::shared_ptr<void> hold;
};

// What a request of a stateless client has beside its message.
struct StatelessCall {
    mcp::Envelope envelope;
    gateway::Stateless surroundings;
};

// Runs one request of the client to its end; `stateless` is null when it has a session. Nothing
// escapes it: a defect is answered as one.
Task<Answered> run_call(
    PostStream& stream,
    Endpoint& endpoint,
    session::Session& session,
    std::string_view text,
    const mcp::Scan& scan,
    const StatelessCall* stateless = nullptr
);

// Counts a request that was carried out, or was to be.
void count_request(
    Endpoint& endpoint,
    telemetry::McpMethod method,
    mcp::Revision revision,
    telemetry::Outcome outcome
);

// The JSON-RPC message, on one line.
session::EventStream::Message to_message(Answered answered);

// Answers the whole POST with an error.
Task<> refuse(
    web::Connection& connection, Incoming& incoming, const Error& error, std::string_view id
);

// Says that a notification or a response has come.
Task<> accept(web::Connection& connection, Incoming& incoming);

// Answers the whole POST with what came of its request, in the form that `stream` settles on; false
// when it could not be written. All of it outlives the task.
Task<bool> answer(
    PostStream& stream, web::Connection& connection, Incoming& incoming, Answered& answered
);

}  // namespace gw::transport
