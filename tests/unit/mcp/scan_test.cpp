#include "mcp/scan.hpp"

#include "base/json.hpp"
#include "mcp/scan_paths.hpp"
#include "scanning.hpp"

#include <algorithm>

namespace gw::test {
namespace {

using mcp::Part;
using mcp::Scan;

TEST(Scan, finds_the_task_that_a_result_belongs_to) {
    const std::string_view text =
        R"({"jsonrpc":"2.0","id":1,"result":{"io.modelcontextprotocol/related-task":1,)"
        R"("_meta":{"io.modelcontextprotocol/related-task":{"taskId":"t"}}}})";
    EXPECT_EQ(part_of(text, Part::result_related_task), R"({"taskId":"t"})");
    EXPECT_EQ(part_of(text, Part::related_task), "-");
}

TEST(Scan, finds_the_parts_of_a_call) {
    const std::string_view text =
        R"( { "jsonrpc" : "2.0","id":"a\u0062", "method":"tools/call" ,"params": {"name":"x",)"
        R"("arguments":{"name":"y","id":[1]} ,"_meta":{"progressToken":1.50e2,)"
        R"("io.modelcontextprotocol/protocolVersion":"2026-07-28","traceparent":"00-1"}} } )";
    EXPECT_EQ(kind_of(text), "request");
    EXPECT_EQ(part_of(text, Part::id), R"("a\u0062")");
    EXPECT_EQ(part_of(text, Part::method), R"("tools/call")");
    EXPECT_EQ(part_of(text, Part::name), R"("x")");
    EXPECT_EQ(part_of(text, Part::arguments), R"({"name":"y","id":[1]})");
    EXPECT_EQ(part_of(text, Part::progress_token), "1.50e2");
    EXPECT_EQ(part_of(text, Part::meta_protocol_version), R"("2026-07-28")");
    EXPECT_EQ(part_of(text, Part::traceparent), R"("00-1")");
    EXPECT_EQ(part_of(text, Part::notified_token), "-");
    EXPECT_EQ(part_of(text, Part::uri), "-");
    EXPECT_TRUE(part_of(text, Part::params).starts_with(R"({"name":"x")"));
    EXPECT_TRUE(part_of(text, Part::params).ends_with(R"("00-1"}})"));
}

TEST(Scan, finds_the_parts_of_answers) {
    const std::string_view result =
        R"({"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","isError":1}],"isError":true,)"
        R"("_meta":{"progressToken":1},"nextCursor":"c","capabilities":{},"structuredContent":{"content":1}}})";
    EXPECT_EQ(kind_of(result), "response");
    EXPECT_EQ(part_of(result, Part::content), R"([{"type":"text","isError":1}])");
    EXPECT_EQ(part_of(result, Part::is_error), "true");
    EXPECT_EQ(part_of(result, Part::result_meta), R"({"progressToken":1})");
    EXPECT_EQ(part_of(result, Part::result_capabilities), "{}");
    EXPECT_EQ(part_of(result, Part::capabilities), "-");
    EXPECT_EQ(part_of(result, Part::progress_token), "-");
    const std::string_view error =
        R"({"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"m","data":{"code":1}}})";
    EXPECT_EQ(kind_of(error), "response");
    EXPECT_EQ(part_of(error, Part::error_code), "-32000");
    EXPECT_EQ(part_of(error, Part::error_message), R"("m")");
    EXPECT_EQ(part_of(error, Part::error_data), R"({"code":1})");
}

// A message that has every member at once, made from the table, so that no row can be unreachable.
TEST(Scan, finds_each_part_of_the_table_where_the_table_says) {
    for (const auto& wanted : mcp::paths()) {
        auto text = "{\"" + std::string(wanted.name) + "\":[\"here\"]}";
        auto place = wanted.in;
        while (place != mcp::Place::root) {
            const auto up = std::ranges::find(mcp::paths(), place, &mcp::Path::opens);
            ASSERT_NE(up, mcp::paths().end());
            text = "{\"" + std::string(up->name) + "\":" + text + "}";
            place = up->in;
        }
        // These have types.
        if (wanted.in == mcp::Place::root || wanted.in == mcp::Place::error) continue;
        const bool is_answer = text.starts_with(R"({"result")");
        text = (is_answer ? R"({"jsonrpc":"2.0","id":1,)" : R"({"jsonrpc":"2.0","method":"m",)") +
               text.substr(1);
        EXPECT_EQ(part_of(text, wanted.part), R"(["here"])") << text;
    }
}

TEST(Scan, a_progress_token_is_where_its_direction_puts_it) {
    const auto text = request_with(R"("progressToken":"n","_meta":{"progressToken":"q"})");
    EXPECT_EQ(part_of(text, Part::notified_token), R"("n")");
    EXPECT_EQ(part_of(text, Part::progress_token), R"("q")");
}

TEST(Scan, what_a_place_holds_may_have_any_type) {
    EXPECT_EQ(part_of(request_with(R"("_meta":[{"progressToken":1}])"), Part::progress_token), "-");
    EXPECT_EQ(part_of(request_with(R"("name":12,"ref":"r")"), Part::name), "12");
}

// What many clients write for a member that they leave out.
TEST(Scan, null_in_params_is_nothing_and_can_be_taken_out) {
    EXPECT_EQ(part_of(request_with(R"("_meta":null,"name":"n")"), Part::meta), "-");
    EXPECT_EQ(part_of(request_with(R"("cursor":null)"), Part::cursor), "-");
    const auto without = [](std::string text) {
        Scan scan;
        EXPECT_TRUE(mcp::scan(text, scan));
        EXPECT_TRUE(scan.has_nulls);
        text = mcp::without_nulls(text, scan);
        scan = {};
        EXPECT_TRUE(mcp::scan(text, scan)) << text;
        EXPECT_FALSE(scan.has_nulls);
        return text;
    };
    EXPECT_EQ(
        without(R"({"jsonrpc":"2.0","id":1,"method":"m","params":null})"),
        R"({"jsonrpc":"2.0","id":1,"method":"m"})"
    );
    EXPECT_EQ(
        without(R"({"params": null, "jsonrpc":"2.0","id":1,"method":"m"})"),
        R"({ "jsonrpc":"2.0","id":1,"method":"m"})"
    );
    EXPECT_EQ(
        without(request_with(R"("task":null,"_meta":{"progressToken" : null},"cursor":null)")),
        request_with(R"("_meta":{})")
    );
    EXPECT_EQ(
        without(request_with(R"("name":"n","arguments":null,"_meta":null)")),
        request_with(R"("name":"n")")
    );
    // What is not ours to read, and values, stay.
    Scan scan;
    EXPECT_TRUE(mcp::scan(request_with(R"("other":null,"arguments":{"a":null})"), scan));
    EXPECT_FALSE(scan.has_nulls);
}

TEST(Scan, null_stands_once_like_any_value) {
    const auto twice = twin_of("cursor");
    EXPECT_EQ(kind_of(request_with(R"("cursor":null,"cursor":"x")")), twice);
    EXPECT_EQ(kind_of(request_with(R"("cursor":"x","cursor":null)")), twice);
    EXPECT_EQ(kind_of(request_with(R"("cursor":null,"cursor":null)")), twice);
}

TEST(Scan, an_error_that_is_null_is_none) {
    EXPECT_EQ(kind_of(R"({"jsonrpc":"2.0","id":1,"result":{},"error":null})"), "response");
    EXPECT_NE(kind_of(R"({"jsonrpc":"2.0","id":1,"error":null})"), "response");
    EXPECT_NE(kind_of(R"({"jsonrpc":"2.0","id":1,"result":null})"), "response");
}

TEST(Scan, a_message_is_a_request_a_notification_or_a_response) {
    EXPECT_EQ(kind_of(R"({"jsonrpc":"2.0","id":"","method":"m"})"), "request");
    EXPECT_EQ(kind_of(R"({"jsonrpc":"2.0","method":"m","params":{}})"), "notification");
    EXPECT_EQ(kind_of(R"({"jsonrpc":"2.0","id":1,"result":{}})"), "response");
    EXPECT_EQ(kind_of(R"({"jsonrpc":"2.0","error":{"code":1,"message":""}})"), "response");
    const std::string both =
        R"(invalid_request: a message has "method", or "result" or "error", not both)";
    EXPECT_EQ(kind_of(R"({"jsonrpc":"2.0","id":1,"method":"m","result":{}})"), both);
    EXPECT_EQ(
        kind_of(R"({"jsonrpc":"2.0","id":1,"method":"m","error":{"code":1,"message":""}})"), both
    );
    EXPECT_EQ(
        kind_of(R"({"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}})"),
        R"(invalid_request: a response has "result" or "error", not both)"
    );
    for (const auto* text : {R"({"jsonrpc":"2.0"})", R"({"jsonrpc":"2.0","id":1,"params":{}})"}) {
        EXPECT_EQ(kind_of(text), R"(invalid_request: a message has "method", "result" or "error")");
    }
    EXPECT_EQ(
        kind_of(R"({"jsonrpc":"2.0","result":{}})"), R"(invalid_request: a result has an "id")"
    );
}

TEST(Scan, the_version_stands_in_every_message) {
    for (const auto* member :
         {"",
          R"("jsonrpc":"1.0",)",
          R"("jsonrpc":2.0,)",
          R"("jsonrpc":null,)",
          R"("jsonrpc":"2.0 ",)"}) {
        EXPECT_EQ(
            kind_of("{" + std::string(member) + R"("id":1,"method":"m"})"),
            R"(invalid_request: "jsonrpc" must be "2.0")"
        );
    }
}

TEST(Scan, an_id_is_a_string_or_an_integer) {
    for (const auto* id : {"0", "-1", "123456789012345678901234567890", R"("")", R"("null")"}) {
        EXPECT_EQ(
            part_of(std::string(R"({"jsonrpc":"2.0","method":"m","id":)") + id + "}", Part::id), id
        );
    }
    for (const auto* id : {"null", "1.0", "1e3", "1E3", "true", "[1]", R"({"a":1})"}) {
        for (const auto* rest : {R"("method":"m")", R"("result":{})"}) {
            EXPECT_EQ(
                kind_of(std::string(R"({"jsonrpc":"2.0","id":)") + id + "," + rest + "}"),
                R"(invalid_request: "id" must be a string or an integer)"
            );
        }
    }
    EXPECT_EQ(
        kind_of(R"({"jsonrpc":"2.0","id":1.5,"error":{"code":1,"message":""}})"),
        R"(invalid_request: "id" must be a string or an integer)"
    );
}

TEST(Scan, the_envelope_has_the_types_of_the_protocol) {
    const auto kind = [](std::string_view member) {
        return kind_of(std::string(R"({"jsonrpc":"2.0","id":1,)").append(member).append("}"));
    };
    EXPECT_EQ(kind(R"("method":1)"), R"(invalid_request: "method" must be a string)");
    EXPECT_EQ(kind(R"("method":null)"), R"(invalid_request: "method" must be a string)");
    for (const auto* params : {"[]", "1", "\"\""}) {
        EXPECT_EQ(
            kind(std::string(R"("method":"m","params":)") + params),
            R"(invalid_request: "params" must be an object)"
        );
        EXPECT_EQ(
            kind(std::string(R"("result":)") + params),
            R"(invalid_request: "result" must be an object)"
        );
        EXPECT_EQ(
            kind(std::string(R"("error":)") + params),
            R"(invalid_request: "error" must be an object)"
        );
    }
}

TEST(Scan, an_error_has_an_integer_as_code_and_a_string_as_message) {
    const auto kind = [](std::string_view error) {
        return kind_of(R"({"jsonrpc":"2.0","id":1,"error":)" + std::string(error) + "}");
    };
    for (const auto* error :
         {R"({"message":"m"})",
          R"({"code":"E1","message":"m"})",
          R"({"code":null,"message":"m"})",
          R"({"code":-32000.5,"message":"m"})",
          R"({"code":1e3,"message":"m"})",
          R"({"code":9223372036854775808,"message":"m"})",
          R"({"code":1})",
          R"({"code":1,"message":null})",
          R"({"code":1,"message":{}})"}) {
        EXPECT_EQ(
            kind(error),
            R"(invalid_request: "error" must have an integer "code" and a string "message")"
        ) << error;
    }
    EXPECT_EQ(kind(R"({"code":0,"message":"","data":1,"more":2})"), "response");
}

TEST(Scan, all_of_the_text_is_checked) {
    for (const auto* text :
         {"",
          " ",
          "{",
          "{}x",
          "[1,",
          "nul",
          R"({"jsonrpc":"2.0","id":01,"method":"m"})",
          R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"arguments":{"a":[1,]}}})",
          R"({"jsonrpc":"2.0","id":1,"method":"m"}})",
          R"({"jsonrpc":"2.0","id":1,"method":"m",})",
          "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":{\"x\":\"\xff\"}}"}) {
        EXPECT_EQ(kind_of(text), "malformed: not valid JSON") << text;
    }
}

TEST(Scan, a_request_is_as_deep_as_it_is_allowed_to_be) {
    const auto kind_at = [](std::size_t depth, int depth_max) {
        const auto text = request_with(
            R"("arguments":)" + std::string(depth - 2, '[') + std::string(depth - 2, ']')
        );
        Scan scan;
        const auto outcome = mcp::scan(text, scan, depth_max);
        return outcome ? "taken" : to_string(outcome.error());
    };
    for (const auto limit : {64UL, 65UL, 512UL, 1024UL, 4096UL}) {
        const auto depth_max = static_cast<int>(limit);
        EXPECT_EQ(kind_at(limit, depth_max), "taken") << limit;
        EXPECT_EQ(
            kind_at(limit + 1, depth_max),
            "invalid_request: JSON nested " +
                (limit < 4096 ? std::to_string(limit + 1) : "over 4096") +
                " levels deep; limits.depth_max is " + std::to_string(limit)
        );
    }
}

TEST(Scan, an_id_is_found_before_and_behind_what_is_too_deep) {
    const auto deep =
        R"("params":{"arguments":)" + std::string(600, '[') + std::string(600, ']') + "}";
    for (const auto& text :
         {R"({"jsonrpc":"2.0","id":7,"method":"m",)" + deep + "}",
          R"({"jsonrpc":"2.0","method":"m",)" + deep + R"(,"id":7})"}) {
        mcp::Scan scan;
        EXPECT_FALSE(mcp::scan(text, scan, 512));
        EXPECT_EQ(scan[mcp::Part::id].of(text), "7");
    }
}

TEST(Scan, a_result_may_be_deeper_so_that_one_entry_of_a_list_does_not_cost_the_others) {
    const auto text = R"({"jsonrpc":"2.0","id":7,"result":{"tools":[{"inputSchema":)" +
                      std::string(600, '[') + std::string(600, ']') + "}]}}";
    for (const int depth_max : {512, 603, 604}) {
        Scan scan;
        EXPECT_TRUE(mcp::scan(text, scan, depth_max));
        EXPECT_TRUE(scan.is_response());
        EXPECT_EQ(scan.too_deep, depth_max < 604 ? 604 : 0) << depth_max;
    }
}

TEST(Scan, what_is_no_message_is_invalid) {
    EXPECT_EQ(kind_of("[]"), "invalid_request: batches are not accepted here");
    EXPECT_EQ(
        kind_of(R"( [{"jsonrpc":"2.0","method":"m"}] )"),
        "invalid_request: batches are not accepted here"
    );
    for (const auto* text : {"1", "\"x\"", "null", " true "}) {
        EXPECT_EQ(kind_of(text), "invalid_request: a message must be a JSON object") << text;
    }
    EXPECT_EQ(kind_of("{}"), R"(invalid_request: "jsonrpc" must be "2.0")");
}

TEST(Scan, line_breaks_between_tokens_are_reported) {
    const auto has_line_breaks = [](const std::string& text) {
        Scan scan;
        EXPECT_TRUE(mcp::scan(text, scan));
        return scan.has_line_breaks;
    };
    EXPECT_FALSE(has_line_breaks(request_with(R"("arguments":{"a":"x\ny"})")));
    EXPECT_TRUE(has_line_breaks(request_with("\"arguments\":{\"a\":\n1}")));
    EXPECT_TRUE(has_line_breaks(request_with("") + "\r"));
    EXPECT_FALSE(has_line_breaks(request_with("")));
}

// The id that is left in the scan of an invalid message; "-" for none.
std::string id_after_failure(std::string_view text) {
    Scan scan;
    EXPECT_FALSE(mcp::scan(text, scan)) << text;
    for (const auto& path : mcp::paths()) {
        EXPECT_TRUE(path.part == Part::id || !scan.has(path.part)) << path.name;
    }
    return scan.has(Part::id) ? std::string(scan[Part::id].of(text)) : "-";
}

TEST(Scan, an_invalid_message_keeps_its_id_for_the_answer) {
    EXPECT_EQ(id_after_failure(R"({"jsonrpc":"1.0","id":"x","method":"m"})"), R"("x")");
    EXPECT_EQ(id_after_failure(R"({"id":5,"method":"m","METHOD":"m"})"), "5");
    EXPECT_EQ(id_after_failure(R"({"jsonrpc":"2.0","id":1.5,"method":"m"})"), "-");
    EXPECT_EQ(id_after_failure(R"({"jsonrpc":"2.0","id":{},"method":1})"), "-");
    EXPECT_EQ(id_after_failure(R"({"jsonrpc":"2.0","id":1,"ID":2,"method":"m"})"), "-");
    EXPECT_EQ(id_after_failure(R"({"jsonrpc":"2.0","id":1,"method":"m")"), "-");
    EXPECT_EQ(id_after_failure("[1]"), "-");
}

TEST(Scan, an_invalid_response_keeps_no_id_because_that_is_of_a_question_of_the_reader) {
    for (const auto* rest :
         {R"("error":5)",
          R"("error":{})",
          R"("error":null)",
          R"("result":[])",
          R"("result":null)",
          R"("result":{},"error":{"code":1,"message":""})",
          R"("error":{},"error":{})",
          R"("Error":{})",
          R"("RESULT":{})"}) {
        EXPECT_EQ(id_after_failure(R"({"jsonrpc":"2.0","id":77,)" + std::string(rest) + "}"), "-");
        EXPECT_EQ(id_after_failure(R"({"id":77,)" + std::string(rest) + "}"), "-") << rest;
    }
    // A request may be answered, whatever else it has.
    EXPECT_EQ(id_after_failure(R"({"jsonrpc":"2.0","id":7,"method":"m","result":{}})"), "7");
    EXPECT_EQ(id_after_failure(R"({"id":7,"method":"m","error":null})"), "7");
}

TEST(Scan, the_id_of_a_broken_message_is_found_if_it_stands_before_the_fault) {
    EXPECT_EQ(mcp::id_of_broken(R"({"jsonrpc":"2.0","id":12,"result":{"x":"\q"}})"), "12");
    EXPECT_EQ(mcp::id_of_broken(R"({"id":"a","jsonrpc":"2.0","result":{"x":[)"), R"("a")");
    EXPECT_EQ(mcp::id_of_broken(R"({"jsonrpc":"2.0","id":7,"result":[]})"), "7");
    for (const auto* text :
         {"",
          "npm notice",
          R"({"jsonrpc":"2.0","id":1)",
          R"({"jsonrpc":"2.0","id":1.5,"result":})",
          R"({"jsonrpc":"2.0","id":1,"ID":2,"result":})",
          R"({"jsonrpc":"2.0","result":{"id":1},})",
          R"([{"jsonrpc":"2.0","id":1,"result":}])",
          R"({"jsonrpc":"2.0","result":{,"id":1})"}) {
        EXPECT_EQ(mcp::id_of_broken(text), "") << text;
    }
}

TEST(Scan, what_is_no_response_of_json_rpc_has_no_id_that_anybody_awaits) {
    for (const auto* text :
         {R"({"level":"info","msg":"order stored","id":1})",
          R"({"id":1,"error":"no such order","level":"error"})",
          R"({"jsonrpc":"1.0","id":1,"result":{}})",
          R"({"jsonrpc":2.0,"id":1,"result":{}})",
          R"({"level":"info","id":1,"method":"tools/call"})",
          R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":5})"}) {
        EXPECT_EQ(mcp::id_of_broken(text), "") << text;
    }
}

}  // namespace
}  // namespace gw::test
