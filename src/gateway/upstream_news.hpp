#pragma once

#include "gateway/list_keeper.hpp"
#include "gateway/topology.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace gw::gateway {

// What the log says of upstream servers: a line when one is ready, fails or is back, and one when
// all are. A failure that goes on is said again, once a minute and later once an hour.
class UpstreamNews {
public:
    enum class Weight : std::uint8_t { information, warning };
    using Report = std::function<void(Weight weight, std::string_view line)>;

    explicit UpstreamNews(Report report) : report_(std::move(report)) {}

    // A server was listed for a class of clients, or could not be.
    void tried(
        auth::UpstreamNumber upstream,
        std::string_view name,
        const ListKeeper& keeper,
        const ListKeeper::Attempt& attempt,
        TimePoint now
    );

    // All `count` servers that are configured are ready now.
    void all_ready(std::size_t count);

    // Others are configured now: forgets those that `is_configured` is false of.
    void reconfigured(const std::function<bool(auth::UpstreamNumber)>& is_configured);

    // Something about what servers list, each once; `to_told` makes of `line` what is said.
    void problem(
        const std::string& line, const std::function<std::string(std::string_view)>& to_told
    );

private:
    using Who = std::pair<auth::UpstreamNumber, ListClass>;

    struct Failure {
        Error error;
        TimePoint since;
        TimePoint said;
    };

    void failed(
        Failure& failure,
        const std::string& name,
        const ListKeeper::Attempt& attempt,
        TimePoint now,
        bool is_new
    );

    Report report_;
    std::set<auth::UpstreamNumber> ready_;  // Those that were ready once.
    std::map<Who, Failure> failing_;
    std::set<std::string> problems_;
    bool were_all_ready_ = false;
};

}  // namespace gw::gateway
