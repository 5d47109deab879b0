#pragma once

#include "base/json.hpp"
#include "mcp/scan.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gw::test {

// What scan() says about `text`, on one line: what kind of message it is, or the error.
inline std::string kind_of(std::string_view text) {
    mcp::Scan scan;
    if (const auto outcome = mcp::scan(text, scan); !outcome) return to_string(outcome.error());
    EXPECT_EQ(scan.is_request() + scan.is_notification() + scan.is_response(), 1);
    if (scan.is_request()) return "request";
    return scan.is_notification() ? "notification" : "response";
}

// The raw part of `text`, which must be a message; "-" when there is none.
inline std::string part_of(std::string_view text, mcp::Part part) {
    mcp::Scan scan;
    const auto outcome = mcp::scan(text, scan);
    if (!outcome) return to_string(outcome.error());
    return scan.has(part) ? std::string(scan[part].of(text)) : "-";
}

// A request with this as its params' members.
inline std::string request_with(std::string_view members) {
    return std::string(R"({"jsonrpc":"2.0","id":1,"method":"m","params":{)")
        .append(members)
        .append("}}");
}

// How a name is refused that stands twice.
inline constexpr auto twins_text = " stands twice, or with a name that differs only in case";

inline std::string twin_of(std::string_view name) {
    return "invalid_request: " + json::quoted(name) + twins_text;
}

}  // namespace gw::test
