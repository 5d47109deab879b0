#pragma once

#include "app/changes.hpp"
#include "app/configuration.hpp"
#include "app/load_settings.hpp"
#include "async/event.hpp"
#include "async/gate.hpp"
#include "net/offload.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace gw::app {

// A wish to change what holds: makes the settings that are wanted, of those that hold. It may
// block: it is called on a thread for that.
using Change = std::move_only_function<Result<LoadedSettings>(const Settings& holds)>;

// What came of it.
struct Outcome {
    Changes changes;
    std::vector<std::string> warnings;
    std::vector<LeftOut> left_out;
};

// The one owner of the configuration. Whoever wants to change it submits a Change; they are taken
// one after the other, by one fiber, and nothing else writes. A change is prepared off the event
// loops, and holds for every shard when its outcome is told. One that fails changes nothing.
class Control {
public:
    // What the rest of the program does for it. All of it is called on `shard`.
    struct Parts {
        net::Shard& shard;
        net::Offload& offload;
        // Makes it hold everywhere, and returns when it does.
        std::function<Task<>(const Configuration& now)> publish;
    };

    using Done = std::move_only_function<void(const Result<Outcome>& outcome)>;

    // `first` holds already; `configurator` made it.
    Control(Parts parts, std::shared_ptr<Configurator> configurator, Configuration first);

    // From any thread. `done` is called on the shard, also when the gateway ends before the change
    // was looked at (Errc::cancelled), or when too many wait (Errc::too_many).
    void submit(Change change, Done done);

    // On the shard, like close().
    void start();

    // Changes that wait are refused; one that is being published is finished.
    Task<> close();

    // On the shard.
    const Configuration& holds() const { return holds_; }

    static constexpr std::size_t waiting_max = 64;

private:
    struct Waiting {
        Change change;
        Done done;
    };

    void add(Waiting next);
    Task<> run();
    Task<Result<Outcome>> take(Change change);

    Parts parts_;
    std::shared_ptr<Configurator> configurator_;  // Shared with the thread that it works on.
    Configuration holds_;
    std::deque<Waiting> waiting_;
    async::Event has_work_;
    async::Gate gate_;
};

}  // namespace gw::app
