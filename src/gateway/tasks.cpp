#include "gateway/tasks.hpp"

#include "base/json.hpp"
#include "gateway/input_rounds.hpp"
#include "mcp/task_ids.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace gw::gateway {

Result<mcp::Answer> with_our_task_id(const Call& call, mcp::Completed created) {
    const auto text = created.result.view();
    GW_TRY(const auto object, json::Object::parse(text));
    const auto theirs = object["taskId"];
    if (!theirs.starts_with('"')) {
        return fail(Errc::upstream_failed, "upstream began a task without an id");
    }
    const TaskId id{
        .server = call.session.terms().server,
        .upstream = digest_of(call.server->name()),
        .era = TaskEra::stateless,
        .owner = call.who().owner.digest(),
        .session = created.session,
        .original = json::unquoted(theirs)
    };
    mcp::Splice with_ours(text);
    with_ours.replace(theirs, json::quoted(call.task_seal.seal(id)));
    created.result = Slice(with_ours.str());
    return created;
}

namespace {

TaskEra era_of(const Call& call) {
    return features(call.session.terms().revision).sessions ? TaskEra::core : TaskEra::stateless;
}

// What a client's id stands for; nothing when it is not this client's at this virtual server, or a
// task of the other era.
std::optional<TaskId> find_own(const Call& call, std::string_view text) {
    auto id = call.task_seal.open(text);
    const bool is_own = id && id->era == era_of(call) &&
                        id->server == call.session.terms().server &&
                        id->owner == call.who().owner.digest();
    return is_own ? std::move(id) : std::nullopt;
}

}  // namespace

Result<TaskId> own_task(const Call& call) {
    GW_TRY(const auto text, call.string(mcp::Part::task_id, "taskId"));
    auto id = find_own(call, text);
    if (!id) return fail(Errc::invalid_params, "Unknown task");
    return *std::move(id);
}

void put_related_task(Call& call) {
    const auto quoted = mcp::task_id(call.part(mcp::Part::related_task));
    if (quoted.empty()) return;
    const auto id = find_own(call, json::unquoted(quoted));
    if (!id || id->upstream != digest_of(call.server->name())) return;
    call.request.params.replace(quoted, json::quoted(id->original));
}

Result<void> connect_to_server_of(
    Call& call, const catalog::VisibleView& view, const TaskId& task
) {
    const auto sources = view.sources();
    const auto source = std::ranges::find(sources, task.upstream, [](const auto* each) {
        return digest_of(each->name);
    });
    if (source == sources.end()) {
        return fail(Errc::upstream_failed, "the server of the task is not available");
    }
    const auth::Object target{.name = task.original, .upstream = (*source)->upstream};
    GW_TRY(const auto permit, auth::authorize(call.who(), auth::Action::invoke, target));
    GW_DO(call.connect(permit));
    name_asker(call, view);
    call.request.session = task.session;
    return {};
}

Result<void> check_declares_tasks(const Call& call) {
    if (call.session.terms().capabilities.tasks) return {};
    const std::string name(mcp::tasks_extension);
    return fail(
        Errc::capability_missing,
        "this needs a capability that the client did not declare: " + name,
        {},
        R"({"requiredCapabilities":{"extensions":{")" + name + R"(":{}}}})"
    );
}

}  // namespace gw::gateway
