#include "gateway/offer.hpp"

namespace gw::gateway {

namespace {

std::string core_tasks(const catalog::CoreTasks& tasks) {
    std::string text = R"("tasks":{)";
    if (tasks.list) text += R"("list":{},)";
    if (tasks.cancel) text += R"("cancel":{},)";
    return text + R"("requests":{"tools":{"call":{}}}})";
}

}  // namespace

bool offers_completions(const catalog::VisibleView& view) {
    return view.profile().has_completions || !view.has_sources();
}

std::string offered(const catalog::VisibleView& view, const session::Terms& terms) {
    const auto& profile = view.profile();
    const auto& revision = features(terms.revision);
    const bool has_session = !terms.id.empty();
    std::string text = "{";
    const auto add = [&text](std::string_view member) {
        if (text.size() > 1) text += ',';
        text += member;
    };
    if (profile.has_logging || !view.has_sources()) add(R"("logging":{})");
    if (offers_completions(view)) add(R"("completions":{})");
    // Only what can be delivered: changes need a stream, of a session or of those who listen.
    add(has_session || !revision.sessions
            ? R"("prompts":{"listChanged":true},"resources":{"subscribe":true,"listChanged":true},)"
              R"("tools":{"listChanged":true})"
            : R"("prompts":{},"resources":{},"tools":{})");
    if (has_session && revision.execution && profile.core_tasks.calls) {
        add(core_tasks(profile.core_tasks));
    }
    if (!revision.sessions && profile.has_tasks) {
        add(R"("extensions":{")" + std::string(mcp::tasks_extension) + R"(":{}})");
    }
    return text + "}";
}

}  // namespace gw::gateway
