#pragma once

#include "app/authenticators.hpp"
#include "app/environment.hpp"
#include "app/load_settings.hpp"
#include "app/log_sink.hpp"
#include "app/status_socket.hpp"
#include "app/topology.hpp"
#include "app/worker.hpp"
#include "gateway/catalogue.hpp"
#include "net/connect.hpp"
#include "net/listener.hpp"
#include "net/offload.hpp"
#include "net/resolver.hpp"
#include "net/shard_threads.hpp"
#include "upstream/hub/spares.hpp"
#include "upstream/session/catalogue_source.hpp"

#include <atomic>
#include <chrono>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gw::app {

// The running gateway: owns everything, in the order of its start.
class Server {
public:
    explicit Server(Settings settings);
    ~Server();

    // Reads what the settings name and listens. The URL at which it listens.
    Result<std::string> start();

    // Takes new settings without losing a session, and logs what they change. What only a start can
    // change (see changes.hpp) stays as it is, and is named.
    Result<void> reload(Settings wanted);

    // Ends running calls within timeouts.drain, then everything.
    void stop();

    LogSink& log() { return log_; }

private:
    Worker::Policy policy() const;
    void take_options();
    void leave_out_own(Settings& settings);
    Result<void> load_certificate();
    void make_workers();
    void make_catalogue();
    void make_spares();
    void fetch_first_lists();
    Result<std::string> listen();
    std::vector<net::Shard*> shards();
    void take_over(unsigned shard, web::Migration moved);
    void check_descriptors();
    void warn_of_tokens_file(const Settings& settings);
    void report_shortage();
    std::unique_ptr<net::Stream> to_stream(net::Shard& shard, net::Stream::Socket socket);
    void open_status_socket();
    std::string tell_status();
    void accept(net::Shard& shard, net::Stream::Socket socket, std::string peer);
    void publish(
        const gateway::Catalogue::Key& key,
        const catalog::ViewHandle& view,
        const gateway::Catalogue::Changes& changes
    );
    void run_on(Worker& worker, std::move_only_function<void()> work);

    Settings settings_;
    SystemClock clock_;
    LogSink log_;
    std::atomic<std::chrono::nanoseconds> shortage_reported_ = std::chrono::nanoseconds(0);
    catalog::CursorSeal seal_;
    gateway::StateSeal state_seal_;
    gateway::TaskSeal task_seal_;
    std::string instance_;  // Of this run; see mcp/route.hpp.
    TopologyBuilder topology_;
    std::shared_ptr<const auth::Authenticator> authenticator_;
    std::shared_ptr<const web::Options> web_options_;
    std::shared_ptr<const transport::Options> mcp_options_;
    std::unique_ptr<net::TlsServer> tls_;
    upstream::Limits upstream_limits_;
    upstream::ProcessLimits processes_;
    net::Offload offload_{{}};
    net::Resolver resolver_{offload_};
    net::Connector connector_{resolver_};
    std::optional<CommonLimits> limits_;
    std::optional<Worker::Shared> shared_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::optional<upstream::HubCatalogueSource> source_;
    std::optional<gateway::Catalogue> catalogue_;
    std::optional<async::Gate> questions_;  // Of other shards to the catalogue.
    std::optional<ShardViews::Home> home_;
    std::optional<upstream::Spares> spares_;
    std::vector<std::unique_ptr<net::Listener>> listeners_;
    std::optional<net::ShardThreads> threads_;
    std::string url_;
    std::unique_ptr<StatusSocket> status_socket_;
};

}  // namespace gw::app
