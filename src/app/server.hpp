#pragma once

#include "app/control.hpp"
#include "app/environment.hpp"
#include "app/file_watch.hpp"
#include "app/load_settings.hpp"
#include "app/log_sink.hpp"
#include "app/metrics_page.hpp"
#include "app/metrics_server.hpp"
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
#include <functional>
#include <future>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gw::app {

// The running gateway: owns everything, in the order of its start.
class Server {
public:
    // `settings` are what `sources` say now.
    Server(Settings settings, Sources sources);
    ~Server();

    // Reads what the settings name and listens. The URL at which it listens.
    Result<std::string> start();

    // Logs what was found while the settings were read.
    void tell_findings(
        const std::vector<std::string>& warnings, const std::vector<LeftOut>& left_out
    );

    // Reads the settings anew and makes them hold, without losing a session; logs what that
    // changes. What only a start can change (see changes.hpp) stays as it is, and is named. Returns
    // at once; `done` is called on another thread. From any thread between start() and stop().
    void reload(std::string_view by, Control::Done done = {});

    // Ends running calls within timeouts.drain, then everything. False when a call of the system
    // hangs in a thread, which is left behind: see net::Offload::close().
    bool stop();

    LogSink& log() { return log_; }

private:
    // Returns when `work` has set the promise on each; it is begun on the worker's own thread.
    void on_all_workers(const std::function<void(Worker& worker, std::promise<void>& done)>& work);
    bool end_blocking_calls();
    Task<> publish(const Configuration& now);
    void tell(std::string_view by, const Result<ChangeOutcome>& outcome);
    std::string answer(std::string_view line);
    void warn(std::string_view text);
    void watch_files(const Settings& settings);
    Result<void> load_certificate();
    void make_workers();
    void make_catalogue();
    void make_spares();
    void fetch_first_lists();
    Result<std::string> listen();
    Result<void> listen_for_metrics();
    void serve_metrics();
    std::vector<net::Shard*> shards();
    void take_over(unsigned shard, web::Migration moved);
    void check_descriptors();
    void report_shortage();
    std::unique_ptr<net::Stream> to_stream(net::Shard& shard, net::Stream::Socket socket);
    void make_control();
    void open_status_socket();
    std::string tell_status();
    void accept(net::Shard& shard, net::Stream::Socket socket, std::string peer);
    void publish(
        const gateway::Catalogue::Key& key,
        const catalog::ViewHandle& view,
        const gateway::Catalogue::News& news
    );
    void run_on(Worker& worker, std::move_only_function<void()> work);

    Settings settings_;  // Of the start.
    Sources sources_;
    SystemClock clock_;
    LogSink log_;
    std::atomic<std::chrono::nanoseconds> shortage_reported_ = std::chrono::nanoseconds(0);
    catalog::CursorSeal seal_;
    gateway::StateSeal state_seal_;
    gateway::TaskSeal task_seal_;
    std::string instance_;  // Of this run; see mcp/route.hpp.
    Configuration first_;
    std::unique_ptr<net::TlsServer> tls_;
    upstream::Limits upstream_limits_;
    upstream::ProcessLimits processes_;
    net::Offload offload_{{}};
    // Of its own, so that names which resolve slowly hold no change up. A read that hangs keeps its
    // thread from the next change.
    net::Offload control_offload_{{.threads = 4}};
    net::Resolver resolver_{offload_};
    net::Connector connector_{resolver_};
    std::optional<CommonLimits> limits_;
    std::shared_ptr<const Configurator> configurator_;  // Of what holds; see Control.
    MetricsPage metrics_;
    std::optional<Worker::Shared> shared_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::optional<upstream::HubCatalogueSource> source_;
    std::optional<gateway::Catalogue> catalogue_;
    std::size_t listed_depth_max_ = settings_.limits.depth_max;  // Of the catalogue's last lists.
    std::optional<async::Gate> questions_;  // Of other shards to the catalogue.
    std::optional<ShardViews::Home> home_;
    std::optional<Control> control_;
    std::optional<upstream::Spares> spares_;
    std::vector<std::unique_ptr<net::Listener>> listeners_;
    std::optional<MetricsServer> metrics_server_;
    std::optional<net::ShardThreads> threads_;
    std::string url_;
    std::unique_ptr<StatusSocket> status_socket_;
    std::unique_ptr<FileWatch> file_watch_;
    std::vector<std::string> watched_;
};

}  // namespace gw::app
