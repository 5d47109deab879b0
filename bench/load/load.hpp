#pragma once

#include "load/options.hpp"
#include "load/upstream.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

using Clock = std::chrono::steady_clock;

// What came out, for the report.
struct Outcome {
    std::uint64_t finished = 0;
    std::uint64_t wrong = 0;       // A status, id or result that is not what it must be.
    std::uint64_t unanswered = 0;  // Still open at the end.
    std::size_t backlog = 0;       // Calls that were due and found no idle connection.
    std::uint64_t upstream_calls = 0;
    double seconds = 0;
    std::vector<float> microseconds;  // Sorted.
    std::string first_wrong;
};

// Clients and upstream in one spinning thread, so that whatever is between them never pays for
// waking a sleeping peer, and one core is enough for both ends.
class Load {
public:
    explicit Load(const Options& options);

    // Waits for the file that says go, opens the connections, warms up, measures, drains.
    Outcome run();

private:
    enum class Phase { waiting, warming, measuring, draining };
    enum class Step { initialize, initialized, calling, closing };

    struct Connection {
        int fd = -1;
        bool is_of_upstream = false;  // The gateway's connection to our upstream.
        std::string in{};
        Step step = Step::initialize;
        std::string session{};
        std::uint64_t id = 0;
        Clock::time_point sent{};
    };

    void watch(Connection* connection);
    void accept_one();
    void on_readable(Connection* connection);
    void poll(int wait_ms);
    bool advance();
    void send_due();

    void begin(Connection* connection);
    void call(Connection* connection, Clock::time_point when);
    void make_ready(Connection* connection);
    void answered(Connection* connection, std::string_view head, std::string_view body);
    void finish(
        Connection* connection, bool is_right, std::string_view head, std::string_view body
    );
    void post(Connection* connection, std::string_view body) const;
    std::string call_params() const;

    const Options options_;
    Upstream upstream_;
    int epoll_;
    int listener_ = -1;
    std::uint64_t next_id_ = 1'000'000'000;
    std::uint64_t in_flight_ = 0;
    std::uint64_t upstream_calls_before_ = 0;
    Phase phase_ = Phase::waiting;
    Clock::time_point phase_start_;
    bool is_counting_ = false;
    std::vector<Connection*> idle_;
    std::deque<double> due_;
    double next_due_ = 0;
    std::mt19937_64 random_{1};
    std::exponential_distribution<double> gap_;
    Outcome outcome_;
};

}  // namespace bench
