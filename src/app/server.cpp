#include "app/server.hpp"

#include "app/machine.hpp"
#include "app/options.hpp"
#include "app/outcome_text.hpp"
#include "app/status_path.hpp"
#include "base/text_digest.hpp"
#include "net/descriptor_limit.hpp"
#include "upstream/process/inherited_variables.hpp"

#include <algorithm>
#include <array>
#include <future>
#include <sodium.h>
#include <unistd.h>
#include <utility>

namespace gw::app {

namespace {

catalog::CursorSeal::Key random_key() {
    catalog::CursorSeal::Key key;
    randombytes_buf(key.data(), key.size());
    return key;
}

std::string random_instance() {
    constexpr std::size_t size = 16;
    std::array<unsigned char, size> bytes{};
    randombytes_buf(bytes.data(), bytes.size());
    return to_hex(bytes);
}

unsigned worker_count(const Settings& settings) {
    if (settings.workers > 0) return static_cast<unsigned>(settings.workers);
    return net::processor_count();
}

gateway::Catalogue::Times to_catalogue_times(const Settings& settings) {
    return {.first_wait = settings.timeouts.first_list_wait, .lists = {}};
}

// The shards on which a change does not hold yet.
struct Rest {
    Rest(net::Shard& home, std::size_t shards) : is_done(home), count(shards) {}

    async::Event is_done;
    std::size_t count;
};

void log_left_out(LogSink& log, const std::vector<LeftOut>& left_out) {
    for (const auto& upstream : left_out) {
        const auto event = upstream.is_kept ? telemetry::Name("keeps its old state")
                                            : telemetry::Name("upstream left out");
        for (const auto& reason : upstream.reasons) {
            log.write(
                telemetry::Level::error, event, {{"upstream", upstream.name}, {"text", reason}}
            );
        }
    }
}

}  // namespace

Server::Server(Settings settings, Sources sources)
    : settings_(std::move(settings)),
      sources_(std::move(sources)),
      log_(settings_.log, clock_, STDERR_FILENO),
      seal_(random_key()),
      state_seal_(random_key()),
      task_seal_(random_key()),
      instance_(random_instance()),
      upstream_limits_(to_upstream_limits(settings_)),
      processes_(
          upstream_limits_,
          upstream::inherited_variables(process_environment(), settings_.processes.inherit)
      ),
      metrics_(MetricsPage::Parts{workers_, catalogue_, processes_, offload_, log_, clock_}) {}

Server::~Server() {
    end_blocking_calls();
}

// What threads for blocking calls still work on reports to a shard.
bool Server::end_blocking_calls() {
    const bool are_files_done = control_offload_.close();
    return offload_.close() && are_files_done;
}

Result<std::string> Server::start() {
    check_descriptors();
    if (const auto warning = find_loose_tokens_file(settings_)) warn(*warning);
    auto configurator = std::make_shared<Configurator>();
    GW_TRY(first_, configurator->make(settings_));
    configurator_ = std::move(configurator);
    GW_DO(load_certificate());
    make_workers();
    make_catalogue();
    make_spares();
    for (auto& worker : workers_)
        worker->connect(*home_, first_);
    make_control();
    GW_DO(listen_for_metrics());
    GW_TRY(url_, listen());
    serve_metrics();
    threads_.emplace(shards());
    run_on(*workers_.front(), [this] { control_->start(); });
    fetch_first_lists();
    open_status_socket();
    std::promise<void> is_watching;  // Whoever is told the URL may change the files at once.
    run_on(*workers_.front(), [this, &is_watching] {
        watch_files(settings_);
        is_watching.set_value();
    });
    is_watching.get_future().wait();
    return url_;
}

// Without it the gateway serves all the same: another may have the path.
void Server::open_status_socket() {
    const auto& endpoint = listeners_.front()->address();
    auto path = status_path(
        settings_.status.socket,
        {.host = endpoint.host, .port = endpoint.port, .path = endpoint.path},
        process_environment()
    );
    if (path.empty()) return;
    auto socket =
        StatusSocket::open(std::move(path), [this](std::string_view line) { return answer(line); });
    if (socket) {
        status_socket_ = std::move(*socket);
    } else {
        log_.write(telemetry::Level::warning, "no status socket", {{"text", socket.error().text}});
    }
}

// On a thread of the status socket, which ends before the shards do.
std::string Server::answer(std::string_view line) {
    const auto question = GatewayQuestion::parse(line);
    if (!question.file.empty()) {
        const auto is_ours = check_is_ours(question.file, sources_);
        if (!is_ours) return refusal(is_ours.error());
    }
    if (question.word != "reload") return tell_status();
    std::promise<std::string> told;
    reload("the command line", [&told](const Result<ChangeOutcome>& outcome) {
        told.set_value(outcome_json(outcome));
    });
    return told.get_future().get();
}

std::string Server::tell_status() {
    GatewayStatus status{
        .address = url_,
        .workers = {},
        .upstreams = {},
        .children = processes_.running(),
        .spares = processes_.spares(),
        .now = clock_.now()
    };
    for (auto& worker : workers_) {
        std::promise<WorkerStatus> told;
        run_on(*worker, [&] { told.set_value(worker->status()); });
        status.workers.push_back(told.get_future().get());
    }
    std::promise<std::vector<gateway::UpstreamStatus>> told;
    run_on(*workers_.front(), [&] { told.set_value(catalogue_->status()); });
    status.upstreams = told.get_future().get();
    return status_json(status);
}

Result<void> Server::load_certificate() {
    if (settings_.tls.certificate.empty()) return {};
    const auto report = [this](const Error& error) {
        log_.write(
            telemetry::Level::error, "tls", {{"text", error.text}, {"detail", error.detail}}
        );
    };
    GW_TRY(tls_, net::TlsServer::make({settings_.tls.certificate, settings_.tls.key}, report));
    return {};
}

void Server::make_workers() {
    const auto count = worker_count(settings_);
    limits_.emplace(settings_, count);
    shared_.emplace(Worker::Shared{
        settings_,
        clock_,
        log_,
        connector_,
        processes_,
        *limits_,
        seal_,
        state_seal_,
        task_seal_,
        instance_,
        [this](unsigned shard, web::Migration moved) { take_over(shard, std::move(moved)); },
        [this](const async::LimitedQueue::Member& member) {
            auto& worker = *workers_.at(member.shard);
            run_on(worker, [&worker, member] { worker.parks().give_way(member); });
        },
        metrics_,
        count
    });
    workers_.reserve(count);
    for (unsigned i = 0; i < count; ++i)
        workers_.push_back(std::make_unique<Worker>(i, *shared_));
}

void Server::tell_findings(
    const std::vector<std::string>& warnings, const std::vector<LeftOut>& left_out
) {
    for (const auto& warning : warnings)
        warn(warning);
    log_left_out(log_, left_out);
}

void Server::make_control() {
    control_.emplace(
        Control::Parts{
            .shard = workers_.front()->shard(),
            .offload = control_offload_,
            .publish = [this](const Configuration& now) { return publish(now); },
            .read = [sources = sources_](const Settings& holds
                    ) { return load_settings(sources, process_environment(), &holds); },
            .tell = [this](std::string_view by, const auto& outcome) { tell(by, outcome); }
        },
        configurator_,
        first_
    );
}

// The first shard has it, for all.
void Server::make_catalogue() {
    auto& first = *workers_.front();
    source_.emplace(first.hub());
    catalogue_.emplace(gateway::Catalogue::Parts{
        .loop = first.shard(),
        .wheel = first.shard().wheel(),
        .seal = seal_,
        .source = *source_,
        .publish = [this](
                       const auto& key, const auto& view, const auto& news
                   ) { publish(key, view, news); },
        .report =
            [this](gateway::UpstreamNews::Weight weight, std::string_view line) {
                const bool is_warning = weight == gateway::UpstreamNews::Weight::warning;
                log_.write(
                    is_warning ? telemetry::Level::warning : telemetry::Level::info,
                    "catalogue",
                    {{"text", line}}
                );
            },
        .times = to_catalogue_times(settings_),
        .instance = instance_
    });
    catalogue_->set_topology(first_.topology);
    questions_.emplace(first.shard());
    home_.emplace(ShardViews::Home{first.shard(), *catalogue_, *questions_});
}

// Where the catalogue is, which knows when all servers have been listed, and as what.
void Server::make_spares() {
    if (settings_.processes.spares == 0) return;
    spares_.emplace(workers_.front()->hub(), processes_, [this] {
        auto wanted = catalogue_->with_sessions();
        auto& hub = workers_.front()->hub();
        std::erase_if(wanted, [&hub](auto number) {
            const auto server = hub.reach(number);
            return !server || server->config().transport != upstream::Transport::stdio;
        });
        return wanted;
    });
    for (auto& worker : workers_)
        worker->hub().set_spares(&*spares_);
}

// The lists of clients without abilities are fetched at once, so that the first one finds them.
void Server::fetch_first_lists() {
    run_on(*workers_.front(), [this] {
        questions_->spawn([](gateway::Catalogue& catalogue, Server& server) -> Task<> {
            const auto view = co_await catalogue.get(0, {});
            (void)view;
            for (auto& worker : server.workers_) {
                server.run_on(*worker, [&worker] { worker->server().set_ready(); });
            }
        }(*catalogue_, *this));
    });
}

std::vector<net::Shard*> Server::shards() {
    std::vector<net::Shard*> all;
    all.reserve(workers_.size());
    for (auto& worker : workers_)
        all.push_back(&worker->shard());
    return all;
}

void Server::warn(std::string_view text) {
    log_.write(telemetry::Level::warning, "configuration", {{"text", text}});
}

// More descriptors than the system lets us have may be wanted: better known now than under load.
void Server::check_descriptors() {
    constexpr std::size_t of_process = 4;  // Its three pipes, and its end.
    constexpr std::size_t of_ours = 64;
    const auto& limits = settings_.limits;
    const auto has = net::raise_descriptor_limit();
    const auto wanted = limits.connections_max +
                        std::min(limits.in_flight_max, limits.connections_max) +
                        (of_process * settings_.processes.max) +
                        (net::Listener::reserves_max * worker_count(settings_)) + of_ours;
    if (has >= wanted) return;
    log_.write(
        telemetry::Level::warning,
        "descriptors",
        {{"limit", static_cast<std::int64_t>(has)},
         {"wanted", static_cast<std::int64_t>(wanted)},
         {"text",
          "limits.connections_max, limits.in_flight_max and processes.max can need more than the "
          "hard limit (ulimit -Hn) allows"}}
    );
}

void Server::publish(
    const gateway::Catalogue::Key& key,
    const catalog::ViewHandle& view,
    const gateway::Catalogue::News& news
) {
    for (auto& worker : workers_) {
        run_on(*worker, [&worker, key, view, news] { worker->publish(key, view, news); });
    }
}

void Server::run_on(Worker& worker, std::move_only_function<void()> work) {
    worker.shard().submit(std::move(work));
}

void Server::reload(std::string_view by, Control::Done done) {
    control_->reload(std::string(by), std::move(done));
}

// On the first shard, at the start and when other settings hold.
void Server::watch_files(const Settings& settings) {
    std::vector<std::string> files;
    if (settings.watch) {
        files = sources_.mcp_servers;
        if (sources_.config) files.push_back(*sources_.config);
        if (!settings.auth.tokens_file.empty()) files.push_back(settings.auth.tokens_file);
    }
    if (files == watched_) return;
    file_watch_.reset();
    watched_ = std::move(files);
    if (watched_.empty()) return;
    auto watch = FileWatch::open(watched_, [this] { reload("a file that has changed"); });
    if (watch) {
        file_watch_ = std::move(*watch);
    } else {
        warn("no file is watched: " + watch.error().text);
    }
}

void Server::tell(std::string_view by, const Result<ChangeOutcome>& outcome) {
    if (!outcome) {
        // That the gateway ends the log says as such.
        if (outcome.error().kind == Errc::cancelled) return;
        log_.write(
            telemetry::Level::error,
            "not reloaded",
            {{"by", by}, {"text", outcome.error().text}, {"detail", outcome.error().detail}}
        );
        return;
    }
    tell_findings(outcome->warnings, outcome->left_out);
    const auto& [applied, needs_restart] = outcome->changes;
    log_.write(
        needs_restart.empty() ? telemetry::Level::info : telemetry::Level::warning,
        "reloaded",
        {{"by", by},
         {"changed", applied.empty() ? "nothing" : std::string_view(applied)},
         {"needs_restart", needs_restart}}
    );
}

// On the first shard, which has the catalogue: it lists anew when all others know where the servers
// are.
Task<> Server::publish(const Configuration& now) {
    log_.set(now.settings->log);
    limits_->set(*now.settings);
    auto& home = workers_.front()->shard();
    // Shared: the other shards report to it, maybe when this fiber has gone.
    const auto rest = std::make_shared<Rest>(home, workers_.size());
    for (auto& worker : workers_) {
        run_on(*worker, [&worker, &home, rest, now] {
            worker->update(now);
            home.submit([rest] {
                if (--rest->count == 0) rest->is_done.set();
            });
        });
    }
    auto& fiber = co_await this_fiber();
    while (rest->count > 0) {  // An end of the gateway waits for it as well.
        const async::Shield shield(fiber);
        co_await rest->is_done.wait();
    }
    catalogue_->set_times(to_catalogue_times(*now.settings));
    catalogue_->set_topology(now.topology);
    const auto depth_max = now.settings->limits.depth_max;
    if (std::exchange(listed_depth_max_, depth_max) != depth_max) catalogue_->list_again();
    if (metrics_server_) metrics_server_->update(now);
    watch_files(*now.settings);
}

void Server::on_all_workers(
    const std::function<void(Worker& worker, std::promise<void>& done)>& work
) {
    std::vector<std::promise<void>> ended(workers_.size());
    for (std::size_t i = 0; i < workers_.size(); ++i)
        run_on(*workers_[i], [&, i] { work(*workers_[i], ended[i]); });
    for (auto& each : ended)
        each.get_future().wait();
}

bool Server::stop() {
    if (!threads_) return end_blocking_calls();
    const auto begin = clock_.now();
    // At once, and all that has child processes side by side: those may take a while to end.
    for (auto& worker : workers_)
        run_on(*worker, [&worker] { worker->drain(); });
    auto& first = *workers_.front();
    std::promise<Time> drain_time;  // For calls to end: as the last settings have it.
    std::promise<void> catalogue_closed;
    run_on(first, [&] {
        for (auto& listener : listeners_) {
            if (&listener == &listeners_.front()) listener->close();
        }
        first.ending().spawn(
            [](Server& server, std::promise<Time>& time, std::promise<void>& closed) -> Task<> {
                co_await server.control_->close();
                time.set_value(server.control_->holds().settings->timeouts.drain);
                co_await server.questions_->close();
                async::Gate together(server.workers_.front()->shard());
                if (server.metrics_server_) together.spawn(server.metrics_server_->close());
                if (server.spares_) together.spawn(server.spares_->close());
                co_await server.catalogue_->close();
                co_await together.join();
                closed.set_value();
            }(*this, drain_time, catalogue_closed)
        );
    });
    for (std::size_t i = 1; i < listeners_.size(); ++i) {
        run_on(*workers_[i], [this, i] { listeners_[i]->close(); });
    }
    const auto until = begin + drain_time.get_future().get();
    file_watch_.reset();
    on_all_workers([until](Worker& worker, auto& done) { worker.shut(until, done); });
    catalogue_closed.get_future().wait();
    on_all_workers([](Worker& worker, auto& done) { worker.end(done); });
    status_socket_.reset();  // Last: somebody may be speaking there, slowly.
    threads_.reset();
    const bool has_ended = end_blocking_calls();
    if (!has_ended) warn("a look-up of a name or a read of a file hangs; the end is not held up");
    return has_ended;
}

}  // namespace gw::app
