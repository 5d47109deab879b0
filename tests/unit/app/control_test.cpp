#include "app/control.hpp"

#include "async/deadline.hpp"
#include "async/event.hpp"
#include "async/gate.hpp"
#include "base/clock.hpp"
#include "net/offload.hpp"
#include "net/shard.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <latch>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace gw::test {
namespace {

// Goes as that of the machine does, and forward at once where a test says so, on any thread.
class JumpingClock final : public Clock {
public:
    TimePoint now() const override { return machine_.now() + ahead_.load(); }

    WallTime wall() const override { return machine_.wall(); }

    void jump(std::chrono::seconds time) { ahead_ = ahead_.load() + time; }

private:
    SystemClock machine_;
    std::atomic<TimePoint::duration> ahead_ = TimePoint::duration(0);
};

// Files of which the first read hangs until `go`, and the next ones find another size of pages.
struct Files {
    JumpingClock clock;
    std::latch go{1};
    std::atomic<int> reads = 0;

    Result<app::LoadedSettings> read(const app::Settings& holds) {
        app::LoadedSettings loaded{holds, {}, {}};
        loaded.settings.limits.page_size = 7;
        if (reads++ > 0) return loaded;
        clock.jump(app::Control::reading_max + std::chrono::seconds(1));
        go.wait();
        loaded.settings.limits.page_size = 8;
        return loaded;
    }
};

class Control : public testing::Test {
protected:
    Control() {
        app::Settings settings;
        settings.listen = "127.0.0.1:0";
        auto first = std::make_shared<app::Configurator>();
        auto made = first->make(settings);
        configurator = std::move(first);
        control.emplace(
            app::Control::Parts{
                .shard = shard,
                .offload = offload,
                .publish = [](const app::Configuration&) -> Task<> { co_return; },
                .read = [this](const app::Settings& holds) { return files.read(holds); },
                .tell =
                    [this](std::string_view, const auto& outcome) {
                        told += outcome ? "; changed " + outcome->changes.applied
                                        : "; " + to_string(outcome.error());
                    }
            },
            configurator,
            *std::move(made)
        );
    }

    void run(Task<> body) {
        async::Gate outer(shard);
        outer.spawn(bounded(std::move(body)));
        shard.run();
    }

    Task<> reload() {
        async::Event is_done(shard);
        control->reload("a test", [&is_done](const auto&) { is_done.set(); });
        co_await is_done.wait();
    }

    Files files;
    net::Shard shard{0, files.clock};
    net::Offload offload{{.threads = 2, .end_wait = std::chrono::seconds(30)}};
    std::shared_ptr<const app::Configurator> configurator;
    std::optional<app::Control> control;
    std::string told;

private:
    Task<> bounded(Task<> body) {
        {
            const async::Deadline deadline(
                shard.wheel(), shard.now() + std::chrono::minutes(1), co_await this_fiber()
            );
            control->start();
            co_await body;
            EXPECT_FALSE(deadline.has_expired()) << "the test took too long";
        }
        co_await control->close();
        shard.stop();
    }
};

Task<> reload_beside_one_that_hangs(
    app::Control& control, Files& files, net::Offload& offload, auto reload
) {
    co_await reload();
    co_await reload();
    EXPECT_EQ(control.holds().settings->limits.page_size, 7U);
    files.go.count_down();
    EXPECT_TRUE(offload.close());  // What hung has come back by then.
    EXPECT_EQ(control.holds().settings->limits.page_size, 7U);
}

TEST_F(Control, files_that_cannot_be_read_in_time_end_their_reload_and_no_other) {
    run(reload_beside_one_that_hangs(*control, files, offload, [this] { return reload(); }));
    EXPECT_EQ(
        told,
        "; timed_out: the files could not be read within 20 seconds; is one of them a pipe, or on "
        "a disk that hangs?; changed limits.page_size"
    );
}

}  // namespace
}  // namespace gw::test
