#include "transport/stateless_post.hpp"

#include "base/json.hpp"
#include "gateway/request_state.hpp"
#include "transport/client_watch.hpp"
#include "transport/post_answer.hpp"
#include "transport/post_stream.hpp"
#include "transport/stateless_checks.hpp"

#include <utility>

namespace gw::transport {

using mcp::Part;

namespace {

// The shard that has the parked call which the request goes on with, if it is another one.
std::optional<unsigned> parked_elsewhere(const Incoming& incoming, const mcp::Scan& scan) {
    auto& endpoint = incoming.endpoint;
    const auto text = scan[Part::request_state].of(incoming.body());
    if (endpoint.parts().shard_count == 1 || !text.starts_with('"')) return {};
    const auto state = endpoint.parts().state_seal.open(json::unquoted(text));
    if (!state || state->park == 0 || state->shard == endpoint.shard().index()) return {};
    return state->shard;
}

}  // namespace

bool is_stateless(const Incoming& incoming, const mcp::Scan& scan) {
    return incoming.is_stateless || scan.has(Part::meta_protocol_version);
}

Task<> answer_stateless(web::Connection& connection, Incoming& incoming, const mcp::Scan& scan) {
    auto& endpoint = incoming.endpoint;
    incoming.is_stateless = true;
    // That of a response is no client's.
    const auto id = scan.is_request() ? scan[Part::id].of(incoming.body()) : std::string_view();
    // Cancelling is to close the stream; what else a client may say is for nobody, so that it needs
    // no envelope either.
    if (scan.is_notification()) co_return co_await accept(connection, incoming);
    const auto envelope = check_stateless(incoming, scan);
    if (!envelope) co_return co_await refuse(connection, incoming, envelope.error(), id);
    if (connection.may_move()) {
        if (const auto shard = parked_elsewhere(incoming, scan)) {
            co_return connection.move_to(*shard, incoming.request);
        }
    }
    const bool is_open = connection.server().policy().authenticator->is_open();
    const auto owner = connection.owner_of(incoming.request);
    const IncomingHeaders headers(incoming);
    const StatelessCall call{
        .envelope = *envelope,
        .surroundings =
            {.headers = headers,
             .parks = endpoint.parts().parks,
             .seal = endpoint.parts().state_seal,
             .owner = owner,
             .is_public = is_open}
    };
    auto& session = endpoint.parts().sessions.shared(
        incoming.request.who->owner, incoming.server, mcp::newest, envelope->capabilities
    );
    const session::Use use(session);
    PostStream stream(connection, incoming, session);
    ClientWatch watch(connection, stream);
    auto answered = co_await run_call(stream, endpoint, session, incoming.body(), scan, &call);
    if (answered.parked.id == 0) {
        co_await answer(stream, connection, incoming, answered);
        co_return;
    }
    // A call that is left to its client is left to nobody when the client does not hear of it.
    const auto parked = answered.parked;
    answered.is_withdrawn = !co_await watch.is_there();
    if (answered.is_withdrawn) connection.stream().close();
    const bool is_told = co_await answer(stream, connection, incoming, answered);
    if (!is_told || answered.is_withdrawn) endpoint.parts().parks.client_has_left(parked);
}

}  // namespace gw::transport
