#include "transport/failure.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

namespace gw::test {
namespace {

// Calls visit(kind) for every kind; `internal` is the last.
template <typename Visit>
void each_kind(Visit visit) {
    for (int kind = 0; kind <= static_cast<int>(Errc::internal); ++kind) {
        visit(static_cast<Errc>(kind));
    }
}

std::string row(Errc kind, mcp::Revision revision = mcp::newest_with_sessions) {
    const auto [status, code] = transport::on_wire(kind, revision);
    return std::to_string(status) + " " + std::to_string(code);
}

TEST(Failure, every_kind_has_a_name_and_a_row) {
    std::set<std::string_view> names;
    each_kind([&](Errc kind) {
        EXPECT_TRUE(names.insert(to_string(kind)).second) << to_string(kind);
        EXPECT_FALSE(row(kind).starts_with("500")) << to_string(kind);
    });
}

// JSON-RPC 2.0, section 5.1, and the range that it leaves to implementations.
TEST(Failure, every_code_is_one_that_json_rpc_has_or_leaves_to_us) {
    const std::set<int> defined{-32700, -32600, -32601, -32602, -32603};
    each_kind([&](Errc kind) {
        const auto code = transport::on_wire(kind).code;
        EXPECT_TRUE(defined.contains(code) || (code <= -32000 && code >= -32099)) << row(kind);
    });
}

TEST(Failure, what_was_asked_fails_on_200_so_that_clients_read_the_answer) {
    EXPECT_EQ(row(Errc::unknown_method), "200 -32601");
    EXPECT_EQ(row(Errc::invalid_params), "200 -32602");
    EXPECT_EQ(row(Errc::not_found), "200 -32602");
    EXPECT_EQ(row(Errc::resource_not_found), "200 -32002");
    EXPECT_EQ(row(Errc::capability_missing), "200 -32603");
    EXPECT_EQ(row(Errc::url_elicitation_required), "200 -32042");
    EXPECT_EQ(row(Errc::upstream_failed), "200 -32603");
    EXPECT_EQ(row(Errc::upstream_unauthorized), "200 -32603");
    EXPECT_EQ(row(Errc::timed_out), "200 -32603");
    EXPECT_EQ(row(Errc::cancelled), "200 -32603");
    EXPECT_EQ(row(Errc::internal), "200 -32603");
}

TEST(Failure, how_it_was_asked_fails_on_the_status_that_says_so) {
    EXPECT_EQ(row(Errc::malformed), "400 -32700");
    EXPECT_EQ(row(Errc::invalid_request), "400 -32600");
    EXPECT_EQ(row(Errc::missing_meta), "400 -32602");
    EXPECT_EQ(row(Errc::session_required), "400 -32000");
    EXPECT_EQ(row(Errc::unsupported_version), "400 -32000");
    EXPECT_EQ(row(Errc::header_mismatch), "400 -32000");
    EXPECT_EQ(row(Errc::unauthenticated), "401 -32000");
    EXPECT_EQ(row(Errc::forbidden), "403 -32000");
    EXPECT_EQ(row(Errc::foreign_origin), "403 -32000");
    EXPECT_EQ(row(Errc::unknown_session), "404 -32001");
    EXPECT_EQ(row(Errc::unknown_path), "404 -32000");
    EXPECT_EQ(row(Errc::method_not_allowed), "405 -32000");
    EXPECT_EQ(row(Errc::not_acceptable), "406 -32000");
    EXPECT_EQ(row(Errc::conflict), "409 -32000");
    EXPECT_EQ(row(Errc::payload_too_large), "413 -32000");
    EXPECT_EQ(row(Errc::unsupported_media_type), "415 -32000");
    EXPECT_EQ(row(Errc::too_many), "429 -32000");
    EXPECT_EQ(row(Errc::unavailable), "503 -32603");
}

TEST(Failure, of_http_itself_has_the_statuses_of_http) {
    using web::HttpFault;
    const auto status = [](HttpFault fault) { return transport::on_wire(fault).status; };
    EXPECT_EQ(status(HttpFault::late_body), 408);
    EXPECT_EQ(status(HttpFault::target_too_long), 414);
    EXPECT_EQ(status(HttpFault::head_too_large), 431);
    EXPECT_EQ(status(HttpFault::unsupported_http), 505);
}

// Codes from -32000 to -32019 have no meaning there.
TEST(Failure, of_http_itself_has_a_code_that_stateless_clients_know) {
    using enum web::HttpFault;
    for (const auto fault : {late_body, target_too_long, head_too_large, unsupported_http}) {
        EXPECT_EQ(transport::on_wire(fault, mcp::Revision::r2026_07_28).code, -32600);
    }
}

// The first five columns of docs/protocol.md, Failures.
std::string documented(std::string_view name, Errc kind) {
    const auto one = transport::on_wire(kind);
    const auto other = transport::on_wire(kind, mcp::Revision::r2026_07_28);
    std::string differs;
    if (other.status != one.status) differs = std::to_string(other.status);
    if (other.code != one.code) {
        differs += (differs.empty() ? "" : ", ") + std::to_string(other.code);
    }
    const auto header = web::headers_of(kind, "GET");
    const auto cell = [](const std::string& text) { return text.empty() ? "" : " " + text; };
    return "\n| " + std::string(name) + " | " + row(kind).replace(3, 1, " | ") + " |" +
           cell(differs) + " |" +
           cell(header.empty() ? "" : "`" + header.substr(0, header.find(':')) + "`") + " |";
}

TEST(Failure, has_the_numbers_of_the_documentation) {
    const std::ifstream file(std::string(GW_SOURCE_DIR) + "/docs/protocol.md");
    std::ostringstream text;
    text << file.rdbuf();
    each_kind([&](Errc kind) {
        const auto line = documented(to_string(kind), kind);
        EXPECT_TRUE(text.str().contains(line)) << line;
    });
}

// 2026-07-28: basic, Error Codes; basic/transports/streamable-http, Protocol Version Header.
TEST(Failure, has_codes_of_its_own_in_the_stateless_era) {
    const auto stateless = [](Errc kind) { return row(kind, mcp::Revision::r2026_07_28); };
    EXPECT_EQ(stateless(Errc::unknown_method), "404 -32601");
    EXPECT_EQ(stateless(Errc::header_mismatch), "400 -32020");
    EXPECT_EQ(stateless(Errc::capability_missing), "400 -32021");
    EXPECT_EQ(stateless(Errc::unsupported_version), "400 -32022");
    EXPECT_EQ(stateless(Errc::missing_meta), "400 -32602");
    EXPECT_EQ(stateless(Errc::resource_not_found), "200 -32602");
    EXPECT_EQ(stateless(Errc::not_found), "200 -32602");
    EXPECT_EQ(stateless(Errc::unavailable), "503 -32603");
    each_kind([&](Errc kind) {
        const auto code = transport::on_wire(kind, mcp::Revision::r2026_07_28).code;
        EXPECT_TRUE(code <= -32600 || (code <= -32020 && code >= -32022)) << to_string(kind);
    });
}

}  // namespace
}  // namespace gw::test
