#pragma once

#include <string>
#include <string_view>

namespace gw::mcp {

// `object`, params or a result, without what its `_meta` says of the task that it belongs to
// (2025-11-25, basic/utilities/tasks, Associating Task-Related Messages). An empty `_meta` goes.
std::string without_related_task(std::string_view object);

}  // namespace gw::mcp
