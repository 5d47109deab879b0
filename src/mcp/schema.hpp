#pragma once

#include <string>
#include <string_view>

// JSON Schemas of tools, put into the words of other revisions. A schema here is JSON text that was
// checked before.
namespace gw::mcp {

// True when `schema` says that the value is an object, as revisions before 2026-07-28 want of an
// outputSchema.
bool is_object_schema(std::string_view schema);

// The schema of an object whose one member, "result", is of `schema`. References within the schema
// lead to the same places as before.
std::string wrapped_schema(std::string_view schema);

// The tool without any x-mcp-header in its inputSchema.
std::string without_mirror_rules(std::string_view tool);

}  // namespace gw::mcp
