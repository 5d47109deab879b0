#pragma once

#include "app/changes.hpp"
#include "app/configuration.hpp"
#include "app/load_settings.hpp"
#include "async/event.hpp"
#include "async/gate.hpp"
#include "net/offload.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gw::app {

// Reads the settings that are wanted now. It may block: it is called on a thread for that.
using ReadSettings = std::function<Result<LoadedSettings>(const Settings& holds)>;

// What came of a change.
struct ChangeOutcome {
    Changes changes;
    std::vector<std::string> warnings;
    std::vector<LeftOut> left_out;
};

// The one owner of the configuration. Whoever wants it read anew says so; one fiber does it, and
// nothing else writes. Who wants it while it is being read waits for the next time, together with
// all others that do: however many there are, the newest is read. A change is prepared off the
// event loops, and holds for every shard when its outcome is told. One that fails changes nothing,
// nor does one whose files could not be read in time; the next is taken all the same.
class Control {
public:
    // What the rest of the program does for it. All of it is called on `shard`.
    struct Parts {
        net::Shard& shard;
        net::Offload& offload;
        // Makes it hold everywhere, and returns when it does.
        std::function<Task<>(const Configuration& now)> publish;
        ReadSettings read;  // On another thread, where one that hangs goes on beside the next.
        // What came of it, for the log. `by`: who wanted it.
        std::function<void(std::string_view by, const Result<ChangeOutcome>& outcome)> tell;
    };

    using Done = std::move_only_function<void(const Result<ChangeOutcome>& outcome)>;

    // `first` holds already; `configurator` made it, and is replaced by the one that made what
    // holds. It owns what targets use, so it outlives them all.
    Control(Parts parts, std::shared_ptr<const Configurator>& configurator, Configuration first);

    // From any thread. `done`, which may be empty, is called on the shard, also when the gateway
    // ends before anything was read (Errc::cancelled), or when too many wait (Errc::too_many).
    void reload(std::string by, Done done);

    // On the shard, like close().
    void start();

    // Those who wait are refused; one that is being published is finished.
    Task<> close();

    // On the shard.
    const Configuration& holds() const { return holds_; }

    static constexpr std::size_t waiting_max = 64;

    // For all files of one change. A read cannot be ended: one that hangs keeps its thread.
    static constexpr std::chrono::seconds reading_max{20};

private:
    struct Prepared;  // A change that is ready to be published.

    // Those who want the next reload.
    struct Waiting {
        std::set<std::string> by = {};
        std::vector<Done> done = {};
    };

    void add(std::string by, Done done);
    Task<> run();
    void tell(Waiting all, const Result<ChangeOutcome>& outcome);
    Task<Result<ChangeOutcome>> take();
    Task<Result<Prepared>> prepare();

    Parts parts_;
    std::shared_ptr<const Configurator>& configurator_;
    Configuration holds_;
    Waiting waiting_;
    async::Event has_work_;
    async::Gate gate_;
};

}  // namespace gw::app
