#include "app/control.hpp"

#include "app/check_settings.hpp"
#include "app/machine.hpp"

#include <optional>
#include <utility>

namespace gw::app {

namespace {

// A change that is ready to be published.
struct Prepared {
    Configuration configuration;
    Outcome outcome;
};

// What was right for the file may be wrong for what holds: it may name another address to listen
// on, and need no tokens there.
Result<void> check_effective(Settings& effective) {
    Report report;
    check_settings(effective, report);
    if (!report.has_errors()) return {};
    return fail(
        Errc::invalid_params,
        "with what only a restart can change it would not be safe or consistent",
        report.error_text()
    );
}

}  // namespace

Control::Control(Parts parts, std::shared_ptr<Configurator> configurator, Configuration first)
    : parts_(std::move(parts)),
      configurator_(std::move(configurator)),
      holds_(std::move(first)),
      has_work_(parts_.shard),
      gate_(parts_.shard) {}

void Control::submit(Change change, Done done) {
    parts_.shard.submit([this, next = Waiting{std::move(change), std::move(done)}]() mutable {
        add(std::move(next));
    });
}

void Control::add(Waiting next) {
    if (gate_.is_closing()) return next.done(fail(Errc::cancelled, "the gateway is shutting down"));
    if (waiting_.size() >= waiting_max) {
        return next.done(fail(Errc::too_many, "too many changes are waiting"));
    }
    waiting_.push_back(std::move(next));
    has_work_.set();
}

void Control::start() {
    gate_.spawn(run());
}

Task<> Control::run() {
    while (co_await has_work_.wait()) {
        while (!waiting_.empty()) {
            auto next = std::move(waiting_.front());
            waiting_.pop_front();
            next.done(co_await take(std::move(next.change)));
        }
    }
}

Task<Result<Outcome>> Control::take(Change change) {
    // What the thread uses it owns: the gateway may end while it works.
    auto prepared = co_await parts_.offload.run<Prepared>(
        parts_.shard,
        [change = std::move(change), configurator = configurator_, holds = holds_.settings](
        ) mutable -> Result<Prepared> {
            GW_TRY(auto loaded, change(*holds));
            auto effective = settings_in_effect(*holds, loaded.settings);
            GW_DO(check_effective(effective));
            if (auto warning = find_loose_tokens_file(effective)) {
                loaded.warnings.push_back(*std::move(warning));
            }
            auto changes = find_changes(*holds, loaded.settings);
            GW_TRY(auto made, configurator->make(std::move(effective)));
            return Prepared{
                std::move(made),
                {.changes = std::move(changes),
                 .warnings = std::move(loaded.warnings),
                 .left_out = std::move(loaded.left_out)}
            };
        }
    );
    if (!prepared) co_return std::unexpected(std::move(prepared).error());
    // From here on it is finished, whatever else ends.
    const async::Shield shield(co_await this_fiber());
    holds_ = prepared->configuration;
    co_await parts_.publish(holds_);
    co_return std::move(prepared->outcome);
}

Task<> Control::close() {
    co_await gate_.close();
    for (auto& next : std::exchange(waiting_, {}))
        next.done(fail(Errc::cancelled, "the gateway is shutting down"));
}

}  // namespace gw::app
