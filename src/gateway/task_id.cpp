#include "gateway/task_id.hpp"

#include <cstring>
#include <type_traits>

namespace gw::gateway {

namespace {

// What is sealed, as it lies in memory: it comes back to this very process. Behind it stands the
// original id.
struct Fixed {
    auth::ServerNumber server;
    TaskEra era;
    std::uint64_t session;
    Digest upstream;
    auth::Owner::Digest owner;
};

static_assert(std::has_unique_object_representations_v<Fixed>);

}  // namespace

std::string TaskSeal::seal(const TaskId& id) const {
    const Fixed fixed{
        .server = id.server,
        .era = id.era,
        .session = id.session,
        .upstream = id.upstream,
        .owner = id.owner
    };
    std::string plain(sizeof fixed, '\0');
    std::memcpy(plain.data(), &fixed, sizeof fixed);
    return seal_.seal_alike(plain + id.original);
}

std::optional<TaskId> TaskSeal::open(std::string_view text) const {
    const auto plain = seal_.open(text);
    if (!plain || plain->size() < sizeof(Fixed)) return {};
    Fixed fixed;
    std::memcpy(&fixed, plain->data(), sizeof fixed);
    return TaskId{
        .server = fixed.server,
        .upstream = fixed.upstream,
        .era = fixed.era,
        .owner = fixed.owner,
        .session = fixed.session,
        .original = plain->substr(sizeof fixed)
    };
}

}  // namespace gw::gateway
