#include "gateway/client_tasks.hpp"

#include "base/json.hpp"
#include "mcp/task_ids.hpp"

#include <algorithm>

namespace gw::gateway {

namespace {

constexpr std::size_t listed_max = 10'000;  // On one page of a server.
constexpr std::size_t begun_max = 1000;     // Older tasks are not listed, and have no progress.

}  // namespace

ClientTasks::ClientTasks(
    const TaskSeal& seal, const session::Terms& terms, std::string_view upstream
)
    : seal_(seal),
      stem_{
          .server = terms.server,
          .upstream = digest_of(upstream),
          .era = TaskEra::core,
          .owner = terms.owner.digest()
      } {}

std::string ClientTasks::client_id(std::string_view quoted_id, std::uint64_t session) const {
    auto id = stem_;
    id.original = json::unquoted(quoted_id);
    const auto* const known = session == 0 ? begun(quoted_id) : nullptr;
    id.session = known != nullptr ? known->session : session != 0 ? session : session_;
    return json::quoted(seal_.seal(id));
}

void ClientTasks::translate(mcp::Completed& answer, const mcp::Request& request) {
    const auto text = answer.result.view();
    if (request.method == "tasks/list") {
        answer.result = Slice(with_own_tasks(text, request.session));
        return;
    }
    const bool is_task = request.method == "tasks/get" || request.method == "tasks/cancel";
    if (!is_task && !request.begins_task && !answer.has_related_task) return;
    mcp::Splice changed(text);
    const auto put = [&](std::string_view id) {
        if (!id.empty()) changed.replace(id, client_id(id, request.session));
    };
    if (is_task) put(mcp::task_id(text));
    if (request.begins_task) {
        const auto id = mcp::created_task_id(text);
        if (begun_.size() == begun_max) begun_.pop_back();
        if (!id.empty()) begun_.push_front({digest_of(json::unquoted(id)), answer.session});
        put(id);
    }
    if (answer.has_related_task) put(mcp::related_task_id(text));
    answer.result = Slice(changed.str());
}

std::string ClientTasks::with_client_ids(std::string_view params) const {
    mcp::Splice changed(params);
    for (const auto id : {mcp::task_id(params), mcp::related_task_id(params)}) {
        if (!id.empty()) changed.replace(id, client_id(id));
    }
    return changed.str();
}

std::string ClientTasks::with_server_ids(std::string_view text) const {
    mcp::Splice changed(text);
    const auto quoted = mcp::related_task_id(text);
    auto id = quoted.empty() ? std::nullopt : seal_.open(json::unquoted(quoted));
    if (id) {
        const auto original = std::exchange(id->original, {});
        id->session = 0;
        if (*id == stem_) changed.replace(quoted, json::quoted(original));
    }
    return changed.str();
}

std::string ClientTasks::progress_token(std::string_view client_token) {
    if (tokens_.size() == begun_max) tokens_.pop_front();
    tokens_.emplace_back("\"task-" + std::to_string(next_token_++) + "\"", client_token);
    return tokens_.back().first;
}

std::string_view ClientTasks::client_token(std::string_view token) const {
    const auto found = std::ranges::find(tokens_, token, [](const auto& each) -> const auto& {
        return each.first;
    });
    return found == tokens_.end() ? std::string_view() : found->second;
}

// Servers that know the gateway by its credentials list the tasks of all its clients: each gets
// those that its own session began; where one upstream session is asked, in that.
std::string ClientTasks::with_own_tasks(std::string_view list, std::uint64_t session) const {
    mcp::Splice changed(list);
    const auto object = json::Object::parse(list);
    const auto array = object ? (*object)["tasks"] : std::string_view();
    const auto tasks = json::elements(array, listed_max);
    if (!tasks) return R"({"tasks":[]})";
    std::string own = "[";
    for (const auto task : *tasks) {
        const auto id = mcp::task_id(task);
        if (id.empty() || !was_begun(id, session)) continue;
        mcp::Splice renamed(task);
        renamed.replace(id, client_id(id, session));
        own.append(own.size() > 1 ? "," : "").append(renamed.str());
    }
    changed.replace(array, own + "]");
    return changed.str();
}

bool ClientTasks::was_begun(std::string_view quoted_id, std::uint64_t session) const {
    if (session == 0) return begun(quoted_id) != nullptr;
    const auto id = digest_of(json::unquoted(quoted_id));
    return std::ranges::any_of(begun_, [&](const Begun& each) {
        return each.id == id && each.session == session;
    });
}

// Of two with one id, in two upstream sessions, the later one.
const ClientTasks::Begun* ClientTasks::begun(std::string_view quoted_id) const {
    const auto found = std::ranges::find(begun_, digest_of(json::unquoted(quoted_id)), &Begun::id);
    return found == begun_.end() ? nullptr : &*found;
}

}  // namespace gw::gateway
