#pragma once

#include "base/error.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

// What metrics are divided by. Every label has a fixed set of values, or the configured upstream
// servers; what a client makes up is counted as "other", so that nobody can fill the memory of
// whoever keeps the numbers.
namespace gw::telemetry {

// One of a list of texts, by its place there. The last text is "other".
template <const auto& Texts>
class OneOf {
public:
    // Does not compile when it is not in the list.
    static consteval OneOf named(std::string_view text) {
        const auto found = std::ranges::find(Texts, text);
        if (found == Texts.end()) throw "has no label";
        return OneOf(static_cast<std::size_t>(found - Texts.begin()));
    }

    static constexpr OneOf other() { return OneOf(Texts.size() - 1); }

    // "other" when it is not in the list.
    static OneOf find(std::string_view text) {
        const auto found = std::ranges::find(Texts, text);
        return found == Texts.end() ? other()
                                    : OneOf(static_cast<std::size_t>(found - Texts.begin()));
    }

    constexpr std::size_t index() const { return index_; }

private:
    constexpr explicit OneOf(std::size_t index) : index_(static_cast<std::uint8_t>(index)) {}

    std::uint8_t index_;
};

inline constexpr std::array<std::string_view, 21> mcp_method_names{
    "completion/complete",
    "initialize",
    "logging/setLevel",
    "ping",
    "prompts/get",
    "prompts/list",
    "resources/list",
    "resources/read",
    "resources/subscribe",
    "resources/templates/list",
    "resources/unsubscribe",
    "server/discover",
    "subscriptions/listen",
    "tasks/cancel",
    "tasks/get",
    "tasks/list",
    "tasks/result",
    "tasks/update",
    "tools/call",
    "tools/list",
    "other",
};
using McpMethod = OneOf<mcp_method_names>;

inline constexpr std::array<std::string_view, 8> http_method_names{
    "GET", "POST", "DELETE", "OPTIONS", "HEAD", "PUT", "PATCH", "other"
};
using HttpMethod = OneOf<http_method_names>;

// An HTTP status that the gateway answers.
class Status {
public:
    static constexpr std::array codes{200, 202, 204, 400, 401, 403, 404, 405, 406, 408, 409,
                                      413, 414, 415, 429, 431, 500, 501, 502, 503, 504, 505};

    constexpr explicit Status(int code) : index_(place_of(code)) {}

    constexpr std::size_t index() const { return index_; }

private:
    static constexpr std::size_t place_of(int code) {
        if (code == codes.front()) return 0;  // Nearly all.
        return static_cast<std::size_t>(std::ranges::find(codes, code) - codes.begin());
    }

    std::size_t index_;  // codes.size(): another one.
};

// Of a client: whether its revision has sessions.
enum class Era : std::uint8_t { sessions, stateless };

// What came of a request.
enum class Outcome : std::uint8_t {
    result,          // A result, also of a tool that failed.
    input_required,  // The caller has to answer questions first.
    error,           // An error that a server answered.
    failed,          // An error of the gateway's own: see bascule_errors_total.
    timed_out,       // No answer came in time.
    cancelled,       // The caller did not wait for it.
};

enum class EntryKind : std::uint8_t { tools, prompts, resources, templates };

// An upstream server, by the number that its configuration has.
struct Upstream {
    std::uint32_t number;
};

// Of this program.
struct Version {
    static constexpr std::size_t index() { return 0; }
};

enum class Label : std::uint8_t {
    none,
    upstream,
    http_method,
    status,
    mcp_method,
    era,
    outcome,
    reason,
    kind,
    version,
};

// Which label the values of a type are of.
template <typename Value>
inline constexpr Label label_of = Label::none;
template <>
inline constexpr Label label_of<Upstream> = Label::upstream;
template <>
inline constexpr Label label_of<HttpMethod> = Label::http_method;
template <>
inline constexpr Label label_of<Status> = Label::status;
template <>
inline constexpr Label label_of<McpMethod> = Label::mcp_method;
template <>
inline constexpr Label label_of<Era> = Label::era;
template <>
inline constexpr Label label_of<Outcome> = Label::outcome;
template <>
inline constexpr Label label_of<Errc> = Label::reason;
template <>
inline constexpr Label label_of<EntryKind> = Label::kind;
template <>
inline constexpr Label label_of<Version> = Label::version;

// Its place among the values of its label.
template <typename Value>
constexpr std::size_t place_of(Value value) {
    if constexpr (requires { value.index(); }) {
        return value.index();
    } else {
        return static_cast<std::size_t>(std::to_underlying(value));
    }
}

// How many values a label has; 1 for none. Of upstream servers there are as many as are configured.
constexpr std::size_t size_of(Label label) {
    switch (label) {
        case Label::none:
        case Label::upstream:
        case Label::version: return 1;
        case Label::http_method: return http_method_names.size();
        case Label::status: return Status::codes.size() + 1;
        case Label::mcp_method: return mcp_method_names.size();
        case Label::era: return 2;
        case Label::outcome: return 6;
        case Label::reason: return place_of(Errc::internal) + 1;
        case Label::kind: return 4;
    }
    return 1;
}

// As it is called in the text, and what one of its values is called there.
std::string_view name_of(Label label);
std::string value_of(Label label, std::size_t place);

}  // namespace gw::telemetry
