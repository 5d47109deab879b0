#pragma once

#include "async/budget.hpp"
#include "gateway/parks.hpp"
#include "gateway/task_id.hpp"
#include "gateway/topology.hpp"
#include "gateway/views.hpp"
#include "net/shard.hpp"
#include "session/registry.hpp"
#include "transport/incoming.hpp"
#include "transport/options.hpp"
#include "web/handler.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gw::transport {

// One line for the log.
using Log = std::function<void(std::string_view line)>;

// The MCP endpoint of one shard: Streamable HTTP, of clients with sessions and without. The paths
// that lead to it have no parameter, or one, the id of a virtual server.
class Endpoint final : public web::Handler {
public:
    struct Parts {
        net::Shard& shard;
        async::Budget& budget;
        session::Registry& sessions;
        gateway::Views& views;
        gateway::Parks& parks;
        const gateway::StateSeal& state_seal;
        const gateway::TaskSeal& task_seal;
        Log log;
        unsigned shard_count = 1;
    };

    // What a reload replaces.
    struct Policy {
        std::shared_ptr<const Options> options;
        gateway::TopologyHandle topology;
    };

    Endpoint(Parts parts, Policy policy) : parts_(std::move(parts)), policy_(std::move(policy)) {}

    void set_policy(Policy policy) {
        policy_ = std::move(policy);
        ++policy_number_;
    }

    // How many there were, on every shard.
    std::uint64_t policy_number() const { return policy_number_; }

    // That who asks may still do so, and that the virtual server is still there. To be asked after
    // each wait, before anything is made that lasts: Errc::unauthenticated, unknown_path.
    Result<void> check_again(web::Connection& connection, const Incoming& incoming) const;

    void locate(web::Request& request) override;
    Result<std::optional<unsigned>> check(web::Request& request) override;
    Task<> serve(web::Connection& connection, web::Request& request) override;
    int refuse(Buffer& out, web::ReplyHead reply, const web::Request& request, const Error& error)
        const override;
    std::string allowed_headers(const web::Request& request) const override;

    std::string_view exposed_headers() const override { return "Mcp-Session-Id, WWW-Authenticate"; }

    const Options& options() const { return *policy_.options; }

    const Policy& policy() const { return policy_; }

    Parts& parts() { return parts_; }

    net::Shard& shard() { return parts_.shard; }

    // One more error of the gateway's own; how many there were.
    std::uint64_t count_failure() { return ++failures_; }

private:
    Task<> answer_get(web::Connection& connection, Incoming& incoming);
    Task<> answer_delete(web::Connection& connection, Incoming& incoming);
    std::optional<unsigned> other_shard(const Incoming& incoming) const;
    static bool may_see(const auth::Principal& who, const Incoming& incoming);

    Parts parts_;
    Policy policy_;
    std::uint64_t policy_number_ = 0;
    std::uint64_t failures_ = 0;
};

}  // namespace gw::transport
