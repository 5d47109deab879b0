#pragma once

#include "auth/owner.hpp"
#include "auth/permit.hpp"
#include "base/seal.hpp"
#include "gateway/request_state.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gw::gateway {

// Which tasks they are: those of the extension, or those of sessions of 2025-11-25. Neither knows
// the other's methods.
enum class TaskEra : std::uint32_t { stateless, core };

// What a client's taskId stands for. It travels with the client, so that every shard knows it.
struct TaskId {
    auth::ServerNumber server = 0;  // The virtual server where it is valid.
    Digest upstream{};              // Of the name of the server that runs it.
    TaskEra era = TaskEra::stateless;
    auth::Owner::Digest owner{};
    std::uint64_t session = 0;  // mcp::Completed::session: servers may count in each anew.
    std::string original = {};  // The upstream's own id, without quotes and escapes.

    bool operator==(const TaskId&) const = default;
};

// Makes task ids that clients can neither read nor forge, under a key of this process. A task of
// one client has one id, wherever it is named; with the owner in it, two clients never have the
// same, so that they cannot tell by their ids whether they have the same task.
class TaskSeal {
public:
    explicit TaskSeal(const Seal::Key& secret) : seal_(secret, "bascule taskId") {}

    // The same text for the same id.
    std::string seal(const TaskId& id) const;

    // Nothing for what seal() did not make.
    std::optional<TaskId> open(std::string_view text) const;

private:
    Seal seal_;
};

}  // namespace gw::gateway
