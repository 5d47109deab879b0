#include "jsonrpc/message.hpp"

#include "base/json.hpp"

#include <gtest/gtest.h>

namespace gw::test {
namespace {

TEST(Message, a_result_is_spliced_behind_its_id) {
    Buffer out;
    out.append("data: ");
    jsonrpc::append_result(out, R"("a\u0062")", R"({"n": 1.50})");
    EXPECT_EQ(out.view(), R"(data: {"jsonrpc":"2.0","id":"a\u0062","result":{"n": 1.50}})");
}

TEST(Message, an_error_carries_id_code_text_and_data) {
    Buffer out;
    jsonrpc::append_error(out, "7", -32602, "no \"x\"\n", R"({"supported":[]})");
    EXPECT_EQ(
        out.view(),
        R"({"jsonrpc":"2.0","id":7,"error":{"code":-32602,"message":"no \"x\"\u000a","data":{"supported":[]}}})"
    );
}

TEST(Message, an_error_that_answers_nothing_readable_has_a_null_id_or_none) {
    Buffer with_null;
    jsonrpc::append_error(with_null, "", -32700, "not valid JSON", "");
    EXPECT_EQ(
        with_null.view(),
        R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"not valid JSON"}})"
    );
    Buffer without;
    jsonrpc::append_error_without_id(without, -32700, "not valid JSON", "1");
    EXPECT_EQ(
        without.view(),
        R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"not valid JSON","data":1}})"
    );
}

TEST(Message, requests_and_notifications_leave_empty_params_out) {
    EXPECT_EQ(
        jsonrpc::request("1", "tools/call", R"({"name":"x"})"),
        R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x"}})"
    );
    EXPECT_EQ(
        jsonrpc::request(R"("p")", "ping", ""), R"({"jsonrpc":"2.0","id":"p","method":"ping"})"
    );
    EXPECT_EQ(jsonrpc::notification("a\"b", ""), R"({"jsonrpc":"2.0","method":"a\"b"})");
    EXPECT_EQ(
        jsonrpc::notification("notifications/message", "{}"),
        R"({"jsonrpc":"2.0","method":"notifications/message","params":{}})"
    );
}

TEST(Message, any_bytes_make_a_valid_message) {
    Buffer out;
    jsonrpc::append_error(out, "", 0, "\xff\x01\xe6", "");
    EXPECT_TRUE(json::Object::parse(out.view()));
    EXPECT_TRUE(json::Object::parse(jsonrpc::notification("\xff\\", "")));
}

}  // namespace
}  // namespace gw::test
