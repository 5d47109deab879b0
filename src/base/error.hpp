#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace gw {

// What went wrong, in terms a client can act on: one kind for each row of the protocol's tables.
// Only transport/failure.cpp knows the HTTP status and the JSON-RPC code of a kind.
enum class Errc {
    malformed,                 // Not JSON, or bytes that two readers could read in two ways.
    invalid_request,           // JSON, but not a message of this protocol or revision.
    unknown_method,            // A request for something that we do not do.
    invalid_params,            // A method of ours, asked for in a wrong way.
    missing_meta,              // `_meta` lacks what the revision demands of every request.
    unauthenticated,           // We do not know who is asking.
    forbidden,                 // Known caller, missing scope; only where existence is no secret.
    foreign_origin,            // The Origin or Host header names a site that we do not serve.
    not_found,                 // No such tool, prompt or object, or none that the caller may see.
    resource_not_found,        // The same for an MCP resource, which has a code of its own.
    session_required,          // The request names no session and must.
    unknown_session,           // The session has ended, never was, or belongs to someone else.
    unknown_path,              // There is nothing at this path.
    method_not_allowed,        // An HTTP method that this path does not take.
    not_acceptable,            // The client takes none of the content types that we can send.
    unsupported_media_type,    // The body is declared as something that we do not read.
    payload_too_large,         // Over a size limit; the text names it.
    unsupported_version,       // A protocol revision that we do not speak; data lists ours.
    header_mismatch,           // A header contradicts the body that it mirrors.
    capability_missing,        // The client did not declare what the call needs; data names it.
    url_elicitation_required,  // The user must first do something elsewhere; data has the URLs.
    conflict,                  // The object changed since it was read, or the slot is taken.
    too_many,                  // A limit was reached; trying later may help.
    upstream_failed,           // An upstream server broke its contract or is not there.
    upstream_unauthorized,     // An upstream server refused our credentials, not the client's.
    timed_out,                 // No answer before the deadline.
    cancelled,                 // The caller went away or withdrew the request.
    unavailable,               // We are draining, or a dependency of ours is down.
    internal,                  // A defect of ours.
};

// Its name as in the enumeration.
std::string_view to_string(Errc kind);

// One failure. `text` is for the client and never quotes secrets, SQL or upstream bodies; `detail`
// is for the log and is never sent. `data` is the JSON text of the answer's error.data, or empty.
struct Error {
    Errc kind = Errc::internal;
    std::string text;
    std::string detail;
    std::string data;

    bool operator==(const Error&) const = default;
};

// "kind: text", on one line, for logs and tests.
std::string to_string(const Error& error);

// A value or an Error; a pointer in it is never null. A class of its own because [[nodiscard]] on
// it makes clang report a result dropped after co_await; std::expected says nothing there.
template <typename T>
class [[nodiscard]] Result : public std::expected<T, Error> {
public:
    using std::expected<T, Error>::expected;
};

// What a function that fails returns: see Error for the texts.
inline std::unexpected<Error> fail(
    Errc kind, std::string text, std::string detail = {}, std::string data = {}
) {
    return std::unexpected(Error{kind, std::move(text), std::move(detail), std::move(data)});
}

}  // namespace gw

// GW_TRY(auto tool, catalog.find(name)): declares `tool` from the value, or returns the error.
// GW_CO_TRY is the same inside a coroutine. They are statements: an expression that returns from
// its function would be a GNU extension.
#define GW_TRY(decl, ...) GW_TRY_IMPL(return, GW_CAT(try_, __LINE__), decl, __VA_ARGS__)
#define GW_CO_TRY(decl, ...) GW_TRY_IMPL(co_return, GW_CAT(try_, __LINE__), decl, __VA_ARGS__)
#define GW_TRY_IMPL(ret, tmp, decl, ...)                   \
    auto tmp = (__VA_ARGS__);                              \
    if (!tmp) ret std::unexpected(std::move(tmp).error()); \
    decl = *std::move(tmp)

// GW_DO(check(x)): the same for what has no value.
#define GW_DO(...) GW_DO_IMPL(return, GW_CAT(try_, __LINE__), __VA_ARGS__)
#define GW_CO_DO(...) GW_DO_IMPL(co_return, GW_CAT(try_, __LINE__), __VA_ARGS__)
#define GW_DO_IMPL(ret, tmp, ...) \
    auto tmp = (__VA_ARGS__);     \
    if (!tmp) ret std::unexpected(std::move(tmp).error())
#define GW_CAT(a, b) GW_CAT_IMPL(a, b)
#define GW_CAT_IMPL(a, b) a##b
