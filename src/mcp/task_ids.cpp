#include "mcp/task_ids.hpp"

#include "mcp/member.hpp"

namespace gw::mcp {

std::string_view task_id(std::string_view object) {
    const auto id = member(object, "taskId");
    return id.starts_with('"') ? id : std::string_view();
}

std::string_view created_task_id(std::string_view result) {
    return task_id(member(result, "task"));
}

std::string_view related_task_id(std::string_view object) {
    return task_id(member(member(object, "_meta"), "io.modelcontextprotocol/related-task"));
}

}  // namespace gw::mcp
