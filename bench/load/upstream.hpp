#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

// The MCP server at the other end of the gateway: prepared answers, both eras, no state but what it
// counts.
class Upstream {
public:
    struct Options {
        bool is_modern = false;  // It knows server/discover.
        int tools = 10;
        int result_bytes = 64;
        bool answers_by_stream =
            false;                // A tool call is answered by an event stream with one event.
        bool has_stream = false;  // GET opens a stream; otherwise it is refused.
    };

    explicit Upstream(const Options& options);

    // Answers one HTTP request that came on `fd`.
    void serve(int fd, std::string_view head, std::string_view body);

    // Sends a notification to every stream that a GET opened.
    void notify(std::string_view method) const;

    std::uint64_t calls() const { return calls_; }

private:
    std::string result_of(std::string_view body, bool is_modern) const;
    void initialize(int fd, std::string_view id, std::string_view body);

    Options options_;
    std::string tool_list_;
    std::string text_;
    std::uint64_t calls_ = 0;
    std::uint64_t sessions_ = 0;
    std::vector<int> streams_;
};

}  // namespace bench
