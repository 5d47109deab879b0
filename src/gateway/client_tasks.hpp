#pragma once

#include "gateway/task_id.hpp"
#include "mcp/peer.hpp"
#include "session/session.hpp"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

namespace gw::gateway {

// The tasks of one upstream session, as the client knows them for whom that session is (2025-11-25,
// basic/utilities/tasks). What the server sends gets the client's ids, what the client answers the
// server's; all else stays byte for byte. Texts are JSON that was checked before.
class ClientTasks {
public:
    // `seal` outlives it; `upstream` is the server's name.
    ClientTasks(const TaskSeal& seal, const session::Terms& terms, std::string_view upstream);

    // The upstream session whose tasks are told of from now on: mcp::Completed::session.
    void set_session(std::uint64_t session) { session_ = session; }

    // What the server answered to `request`.
    void translate(mcp::Completed& answer, const mcp::Request& request);

    // The params of a request or notification of the server.
    std::string with_client_ids(std::string_view params) const;

    // For the client's progress token of a call that begins a task: one by which to know it until
    // the task has ended (2025-11-25, basic/utilities/progress, Task Progress). Both are JSON.
    std::string progress_token(std::string_view client_token);

    // The client's own for such a one; empty for any other.
    std::string_view client_token(std::string_view token) const;

    // What the client says of a question: its result, or the params of its progress.
    std::string with_server_ids(std::string_view text) const;

private:
    // `session`: the one that is asked about it; 0: that where it was begun
    // last, or the one of now.
    std::string client_id(std::string_view quoted_id, std::uint64_t session = 0) const;
    std::string with_own_tasks(std::string_view list, std::uint64_t session) const;

    struct Begun {
        Digest id;  // The server's own.
        std::uint64_t session = 0;
    };

    const Begun* begun(std::string_view quoted_id) const;
    bool was_begun(std::string_view quoted_id, std::uint64_t session) const;

    const TaskSeal& seal_;
    std::uint64_t session_ = 0;
    TaskId stem_;              // An id without the server's own.
    std::deque<Begun> begun_;  // Tasks that this session began, the latest first.
    std::deque<std::pair<std::string, std::string>> tokens_;  // Ours and the client's, the same.
    std::uint64_t next_token_ = 1;
};

}  // namespace gw::gateway
