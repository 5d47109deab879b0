#pragma once

#include <string_view>

// Where the ids of tasks stand in messages (2025-11-25, basic/utilities/tasks). Each is a view into
// a text that was checked before: a JSON string, or empty when there is none.
namespace gw::mcp {

// In a result or in params that are a task: taskId.
std::string_view task_id(std::string_view object);

// In the result of a call that began a task: task.taskId.
std::string_view created_task_id(std::string_view result);

// In a result or in params that belong to a task: what `_meta` says of it.
std::string_view related_task_id(std::string_view object);

}  // namespace gw::mcp
