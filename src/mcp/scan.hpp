#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/json_depth.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gw::mcp {

// The members of a message that the gateway reads. scan_paths.cpp says where each stands; nothing
// else in the program looks into a message on its way.
enum class Part : std::uint8_t {
    jsonrpc,
    id,
    method,
    params,
    result,
    error,
    // In params.
    name,
    uri,
    arguments,
    cursor,
    meta,
    notified_token,  // params.progressToken, which a progress notification carries.
    request_id,
    reason,  // Why a request is taken back.
    level,
    ref,
    argument,
    capabilities,
    protocol_version,
    client_info,
    input_responses,
    request_state,
    task,
    task_id,
    logger,
    mode,
    // In params._meta.
    progress_token,  // With which a request asks for progress.
    meta_protocol_version,
    meta_client_capabilities,
    meta_client_info,
    meta_log_level,
    traceparent,
    related_task,
    subscription_id,
    // In params.ref.
    ref_type,
    ref_name,
    ref_uri,
    // In result.
    is_error,
    structured_content,
    content,
    next_cursor,
    result_meta,
    result_type,
    ttl_ms,
    cache_scope,
    input_requests,
    result_state,  // requestState in a result.
    supported_versions,
    tools,
    prompts,
    resources,
    resource_templates,
    result_protocol_version,
    server_info,
    result_capabilities,
    instructions,
    // In result._meta.
    result_server_info,
    result_subscription_id,
    result_related_task,
    // In error.
    error_code,
    error_message,
    error_data,
    count,
};

// Where the parts of one message lie in its text. A part is raw JSON, strings in their quotes:
// scan[Part::name].of(text). Those below the envelope may have any type; who reads one checks it.
struct Scan {
    std::array<Span, static_cast<std::size_t>(Part::count)> spans{};

    // CR or LF stands between tokens, so a writer that frames by lines must take them out
    // (json::without_line_breaks).
    bool has_line_breaks = false;

    // A member of `params` or of what is in it, `params` itself or `error` is null. Many clients
    // write so what is not there, and so it counts: has() is false. See without_nulls().
    bool has_nulls = false;

    // How deep it is nested, if it has a result and is deeper than it may be; else 0. Who asked for
    // a list leaves out what is too deep in it, anybody else refuses: see too_deep().
    int too_deep = 0;

    Span operator[](Part part) const { return spans[static_cast<std::size_t>(part)]; }

    bool has(Part part) const { return (*this)[part].size != 0; }

    // Exactly one of these three is true after scan() succeeded.
    bool is_request() const { return has(Part::method) && has(Part::id); }

    bool is_notification() const { return has(Part::method) && !has(Part::id); }

    bool is_response() const { return !has(Part::method); }
};

// Checks all of `text` in one pass and finds the parts. It must be one message of JSON-RPC 2.0 as
// MCP narrows it: an id is a string or an integer (or null, with an error only), params, result and
// error are objects, an error has an integer as code and a string as message, and a message is a
// request, a notification or a response and nothing between.
//
// Errc::malformed: not JSON to the letter. Errc::invalid_request: JSON, but no such message; or a
// member that another reader could take for one of the parts, because it stands a second time or
// differs only in case or by trailing NULs. Then `out[Part::id]` is still set if it was found and
// is one, for the answer to carry; not that of a response, however broken, which is the reader's.
// Errc::payload_too_large: 4 GiB or more. `out` is a fresh one.
//
// `depth_max` is for what comes from outside, and for what was checked before it does not matter:
// what is deeper is Errc::invalid_request, or noted if it has a result.
Result<void> scan(std::string_view text, Scan& out, int depth_max = json::depth_most);

// What to say of a message that is nested `depth` deep.
std::unexpected<Error> too_deep(int depth, int depth_max);

// A checked message without those of its members that count as absent because they are null: for a
// server that does not take them so.
std::string without_nulls(std::string_view text, const Scan& scan);

// The id in a `text` that scan() has refused, also when that is broken somewhere behind it; empty
// when there is none before, or what comes before it breaks does not say that it is a message of
// JSON-RPC, or says that it is no response. Who answers a broken message says null; this is for who
// awaits one.
std::string_view id_of_broken(std::string_view text);

// What ids and progress tokens may be where they are there: `value` is checked JSON text, or empty.
bool is_string_or_integer(std::string_view value);

}  // namespace gw::mcp
