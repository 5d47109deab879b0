#pragma once

#include "mcp/results.hpp"
#include "mcp/revision.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace gw::catalog {

// In which form lists go to a client.
enum class Form : std::uint8_t {
    object_output_schema,   // For revisions that have structured content of objects only.
    without_output_schema,  // For 2025-03-26, which has no structured content.
    stateless,              // For 2026-07-28.
};

constexpr std::array forms{
    Form::object_output_schema, Form::without_output_schema, Form::stateless
};

// The form that `revision` understands.
Form form_of(mcp::Revision revision);

// The JSON object of a tool, in this form. What does not change keeps its bytes; a boolean that is
// the schema of a property is written as an object for revisions with sessions.
std::string tool_in_form(const std::string& original, Form form);

// Whether the results of the tool go with the schema that Form::object_output_schema gives it only
// when they are wrapped in an object.
bool has_wrapped_output(std::string_view tool);

// What stands before the first member of its own on a page of a list.
std::string page_begin(Form form);

// A page in Form::stateless with what has been left out of it because it is not the same for long:
// ttlMs and cacheScope.
std::string with_cache(std::string_view page, const mcp::Cache& cache);

}  // namespace gw::catalog
