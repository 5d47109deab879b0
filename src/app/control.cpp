#include "app/control.hpp"

#include "app/check_settings.hpp"
#include "app/machine.hpp"
#include "async/deadline.hpp"

#include <optional>
#include <string>
#include <utility>

namespace gw::app {

namespace {

constexpr std::string_view ending = "the gateway is shutting down";

// Settings that were right together with the file's `listen` may be wrong with the one in effect:
// at another address tokens may be needed.
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

struct Control::Prepared {
    Configuration configuration;
    std::shared_ptr<const Configurator> configurator;
    ChangeOutcome outcome;
};

Control::Control(
    Parts parts, std::shared_ptr<const Configurator>& configurator, Configuration first
)
    : parts_(std::move(parts)),
      configurator_(configurator),
      holds_(std::move(first)),
      has_work_(parts_.shard),
      gate_(parts_.shard) {}

void Control::reload(std::string by, Done done) {
    parts_.shard.submit([this, by = std::move(by), done = std::move(done)]() mutable {
        add(std::move(by), std::move(done));
    });
}

void Control::add(std::string by, Done done) {
    const auto refuse = [&](Errc why, std::string_view text) {
        if (done) done(fail(why, std::string(text)));
    };
    if (gate_.is_closing()) return refuse(Errc::cancelled, ending);
    if (done && waiting_.done.size() >= waiting_max) {
        return refuse(Errc::too_many, "too many wait for a reload");
    }
    waiting_.by.insert(std::move(by));
    if (done) waiting_.done.push_back(std::move(done));
    has_work_.set();
}

void Control::start() {
    gate_.spawn(run());
}

Task<> Control::run() {
    while (co_await has_work_.wait()) {
        while (!waiting_.by.empty()) {
            auto all = std::exchange(waiting_, {});
            const auto outcome = co_await take();
            tell(std::move(all), outcome);
        }
    }
}

void Control::tell(Waiting all, const Result<ChangeOutcome>& outcome) {
    std::string by;
    for (const auto& each : all.by)
        by.append(by.empty() ? "" : ", ").append(each);
    parts_.tell(by, outcome);
    for (auto& done : all.done)
        done(outcome);
}

Task<Result<ChangeOutcome>> Control::take() {
    auto prepared = co_await prepare();
    if (!prepared) co_return std::unexpected(std::move(prepared).error());
    // From here on it is finished, whatever else ends.
    const async::Shield shield(co_await this_fiber());
    holds_ = std::move(prepared->configuration);
    configurator_ = std::move(prepared->configurator);
    co_await parts_.publish(holds_);
    co_return std::move(prepared->outcome);
}

Task<Result<Control::Prepared>> Control::prepare() {
    const async::Deadline deadline(
        parts_.shard.wheel(), parts_.shard.now() + reading_max, co_await this_fiber()
    );
    // What the thread uses it owns, and changes nothing of others: the gateway may end while it
    // works, or have taken other changes by the time that it comes back.
    auto prepared = co_await parts_.offload.run<Prepared>(
        parts_.shard,
        [read = parts_.read,
         configurator = configurator_,
         holds = holds_.settings,
         tokens = holds_.tokens]() -> Result<Prepared> {
            GW_TRY(auto loaded, read(*holds));
            auto effective = settings_in_effect(*holds, loaded.settings);
            GW_DO(check_effective(effective));
            if (auto warning = find_loose_tokens_file(effective)) {
                loaded.warnings.push_back(*std::move(warning));
            }
            auto changes = find_changes(*holds, loaded.settings);
            auto next = std::make_shared<Configurator>(*configurator);
            GW_TRY(auto made, next->make(std::move(effective)));
            add_change(changes.applied, token_changes(tokens.get(), made.tokens.get()));
            return Prepared{
                std::move(made),
                std::move(next),
                {.changes = std::move(changes),
                 .warnings = std::move(loaded.warnings),
                 .left_out = std::move(loaded.left_out)}
            };
        }
    );
    if (prepared || prepared.error().kind != Errc::cancelled) co_return prepared;
    if (gate_.is_closing()) co_return fail(Errc::cancelled, std::string(ending));
    co_return fail(
        Errc::timed_out,
        "the files could not be read within " + std::to_string(reading_max.count()) +
            " seconds; is one of them a pipe, or on a disk that hangs?"
    );
}

Task<> Control::close() {
    co_await gate_.close();
    if (waiting_.by.empty()) co_return;
    tell(std::exchange(waiting_, {}), fail(Errc::cancelled, std::string(ending)));
}

}  // namespace gw::app
