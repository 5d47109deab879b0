#include "app/as_client.hpp"

#include "async/budget.hpp"
#include "base/json_depth.hpp"
#include "net/connect.hpp"
#include "net/offload.hpp"
#include "net/resolver.hpp"
#include "net/shard.hpp"
#include "net/tls_context.hpp"
#include "upstream/hub/hub.hpp"
#include "upstream/process/process_limits.hpp"

#include <chrono>
#include <memory>
#include <utility>

namespace gw::app {

namespace {

constexpr std::size_t buffered_bytes_max = std::size_t{256} << 20U;
// The gateway has limits of its own, and tells when one is reached; who waits can press Ctrl-C.
constexpr auto patience = std::chrono::hours(1);

upstream::Config to_config(const ChosenEndpoint& endpoint) {
    upstream::Config config;
    config.name = endpoint.socket.empty() ? endpoint.url : "unix:" + endpoint.socket;
    config.url = endpoint.url;
    config.transport = upstream::Transport::streamable_http;
    config.era = upstream::Era::sessions;
    config.call_timeout = patience;
    if (!endpoint.token.empty()) {
        config.headers.emplace_back("Authorization", "Bearer " + endpoint.token);
    }
    return config;
}

std::string without_upstreams(std::string text) {
    constexpr std::string_view ours = "the gateway";
    for (const std::string_view theirs :
         {"the upstream server", "Upstream server", "the upstream", "upstream"}) {
        for (auto at = text.find(theirs); at != text.npos; at = text.find(theirs, at + ours.size()))
            text.replace(at, theirs.size(), ours);
    }
    return text;
}

Error in_words(Error error, const ChosenEndpoint& endpoint) {
    if (error.kind != Errc::upstream_unauthorized) {
        error.text = without_upstreams(std::move(error.text));
    } else if (!error.detail.starts_with("HTTP 401")) {
        error.text = "the gateway refused the request";
    } else if (endpoint.token.empty()) {
        error.text = "the gateway asks for a token: give --token-file FILE, or set BASCULE_TOKEN";
        error.detail.clear();
    } else {
        error.text = "the gateway does not know the token of --token-file or BASCULE_TOKEN";
        error.detail.clear();
    }
    return error;
}

template <typename T>
Result<T> in_words(Result<T> outcome, const ChosenEndpoint& endpoint) {
    if (outcome) return outcome;
    return std::unexpected(in_words(std::move(outcome).error(), endpoint));
}

// What a gateway may send can be read, whatever its limits.depth_max is.
upstream::Limits most() {
    upstream::Limits limits;
    limits.depth_max = json::depth_most;
    return limits;
}

// The part of a gateway that talks to servers, with one shard, on the thread that calls run().
class Client {
public:
    Client(const ChosenEndpoint& endpoint, std::shared_ptr<const upstream::Target> target)
        : endpoint_(endpoint) {
        upstream::Targets targets;
        targets.emplace(only, std::move(target));
        hub_.set_targets(std::make_shared<const upstream::Targets>(std::move(targets)));
    }

    // What threads for blocking calls still work on reports to the shard.
    ~Client() { offload_.close(); }

    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    Result<void> run(const ClientWork& work) {
        Result<void> outcome;
        async::Gate gate(shard_);
        gate.spawn([](Client& self, const ClientWork& todo, Result<void>& out) -> Task<> {
            {
                mcp::Nobody nobody;
                const auto reached = self.hub_.reach(only);
                upstream::Lease server(
                    self.around_,
                    upstream::config_of(reached),
                    {},
                    [&](const upstream::LinkPurpose& purpose) {
                        return self.hub_.make_link(only, *reached, purpose, nobody);
                    }
                );
                GatewayClient gateway(server, self.endpoint_);
                out = co_await todo(gateway);
                co_await server.close();
            }
            co_await self.hub_.close();
            self.shard_.stop();
        }(*this, work, outcome));
        shard_.run();
        return outcome;
    }

private:
    static constexpr auth::UpstreamNumber only = 0;

    const ChosenEndpoint& endpoint_;
    SystemClock clock_;
    net::Offload offload_{{}};
    net::Resolver resolver_{offload_};
    net::Connector connector_{resolver_};
    upstream::Limits limits_ = most();
    upstream::ProcessLimits processes_{limits_, {}};
    net::Shard shard_{0, clock_};
    async::Budget budget_{shard_, buffered_bytes_max};
    upstream::LinkResources around_{
        shard_, budget_, limits_, [](std::string_view, std::string_view) {}
    };
    upstream::Hub hub_{around_, connector_, processes_};
};

}  // namespace

Task<Result<catalog::ListingHandle>> GatewayClient::list() {
    mcp::Nobody nobody;
    co_return in_words(co_await server_.list(nobody), endpoint_);
}

Task<Result<mcp::Answer>> GatewayClient::call(mcp::Request request) {
    mcp::Nobody nobody;
    co_return in_words(co_await server_.call(std::move(request), nobody), endpoint_);
}

Result<void> do_as_client(const ChosenEndpoint& endpoint, const ClientWork& work) {
    std::unique_ptr<net::TlsClient> tls;
    if (endpoint.url.starts_with("https://")) {
        GW_TRY(tls, net::TlsClient::make(endpoint.ca_file));
    }
    GW_TRY(auto target, upstream::make_target(to_config(endpoint), tls.get()));
    target.destination.path = endpoint.socket;
    Client client(endpoint, std::make_shared<const upstream::Target>(std::move(target)));
    return client.run(work);
}

}  // namespace gw::app
