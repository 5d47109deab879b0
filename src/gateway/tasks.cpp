#include "gateway/tasks.hpp"

#include "base/json.hpp"
#include "gateway/task_id.hpp"

#include <string>

namespace gw::gateway {

Result<mcp::Answer> with_our_task_id(
    const Call& call, mcp::Completed created, auth::UpstreamIndex from
) {
    const auto text = created.result.view();
    GW_TRY(const auto object, json::Object::parse(text));
    const auto theirs = object["taskId"];
    if (!theirs.starts_with('"')) {
        return fail(Errc::upstream_failed, "upstream began a task without an id");
    }
    const TaskId id{
        .server = call.session.terms().server,
        .upstream = from,
        .principal = digest_of(call.who().name),
        .original = json::unquoted(theirs)
    };
    mcp::Splice with_ours(text);
    with_ours.replace(theirs, json::quoted(call.task_seal.seal(id)));
    created.result = Slice(with_ours.str());
    return created;
}

Result<void> check_declares_tasks(const Call& call) {
    if (call.session.terms().capabilities.tasks) return {};
    const std::string name(mcp::tasks_extension);
    return fail(
        Errc::capability_missing,
        "this needs what the client did not declare: " + name,
        {},
        R"({"requiredCapabilities":{"extensions":{")" + name + R"(":{}}}})"
    );
}

}  // namespace gw::gateway
