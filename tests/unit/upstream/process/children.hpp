#pragma once

#include "async/budget.hpp"
#include "async/sleep.hpp"
#include "support/loopback.hpp"
#include "unit/upstream/process/program.hpp"
#include "upstream/ground/link_resources.hpp"
#include "upstream/process/process_limits.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace gw::upstream {

// Runs real child processes on a real shard. When the test has ended none may be left, not even a
// zombie.
class Children : public test::Loopback {
public:
    using Loopback::run;
    using Loopback::shard;
    using Loopback::tasks;

    Children() {
        std::filesystem::create_directories(folder);
        limits.process_kill_after = std::chrono::milliseconds(500);
    }

    ~Children() override {
        EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
        EXPECT_EQ(errno, ECHILD);
        std::filesystem::remove_all(folder);
    }

    std::string write_file(const std::string& name, std::string_view text) const {
        std::ofstream(folder / name) << text;
        return folder / name;
    }

    // Waits until `condition` holds, for a little less than run() has in all: a test may run
    // several.
    template <typename Condition>
    Task<> until(Condition condition) {
        auto& fiber = co_await this_fiber();
        const auto give_up = shard.now() + std::chrono::seconds(8);
        while (!condition() && !fiber.is_cancelled && shard.now() < give_up) {
            co_await async::sleep_until(shard, shard.wheel(), shard.now());
        }
        EXPECT_TRUE(condition());
    }

    // Whether a process runs; a zombie that nobody has waited for does not.
    static bool is_running(int id) {
        std::ifstream file("/proc/" + std::to_string(id) + "/stat");
        const std::string text((std::istreambuf_iterator<char>(file)), {});
        const auto at = text.rfind(')');
        return at != std::string::npos && text.substr(at + 2, 1) != "Z";
    }

    int read_number(const std::string& name) const {
        int number = 0;
        std::ifstream(folder / name) >> number;
        return number;
    }

    const std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("children." + std::to_string(::getpid()));
    std::vector<std::string> logged;
    Limits limits;
    ProcessLimits processes{limits, {{"PATH", "/usr/local/bin:/usr/bin:/bin"}, {"HOME", "/h"}}};
    async::Budget budget{shard, std::size_t{256} << 20U};
    LinkResources around{
        shard,
        budget,
        limits,
        [this](std::string_view upstream, std::string_view line) {
            logged.push_back(std::string(upstream) + " " + std::string(line));
        }
    };
};

}  // namespace gw::upstream
