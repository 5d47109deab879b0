#include "base/json.hpp"
#include "mcp/scan_paths.hpp"
#include "scanning.hpp"

#include <algorithm>

// Names that one reader takes for another's: which are ours, and that none stands twice.
namespace gw::test {
namespace {

using mcp::Part;
using mcp::Scan;

TEST(Scan, half_a_character_in_a_name_makes_it_none_of_ours) {
    EXPECT_EQ(part_of(request_with(R"("name\ud83d":1,"name":2)"), Part::name), "2");
    EXPECT_EQ(part_of(request_with(R"("\udc00name":1)"), Part::name), "-");
    EXPECT_EQ(
        part_of(request_with(R"("x":"\ud83d","name":"cut \ud83d")"), Part::name), R"("cut \ud83d")"
    );
}

TEST(Scan, an_escaped_spelling_is_the_name_and_may_stand_once) {
    const std::string_view text = R"({"jsonrpc":"2.0","\u0069d":1,"m\u0065thod":"m"})";
    EXPECT_EQ(kind_of(text), "request");
    EXPECT_EQ(part_of(text, Part::method), R"("m")");
    EXPECT_EQ(
        part_of(request_with(R"("_met\u0061":{"\u0070rogressToken":3})"), Part::progress_token), "3"
    );
}

TEST(Scan, a_second_reading_of_a_part_is_refused) {
    for (const auto* second :
         {R"("method")",
          R"("m\u0065thod")",
          R"("Method")",
          R"("METHOD")",
          R"("\u004dethod")",
          R"("method\u0000")",
          R"("Method\u0000\u0000")"}) {
        const auto member = std::string(second) + R"(:"x")";
        EXPECT_EQ(
            kind_of(R"({"jsonrpc":"2.0","id":1,"method":"m",)" + member + "}"), twin_of("method")
        );
        EXPECT_EQ(
            kind_of("{" + member + R"(,"method":"m","jsonrpc":"2.0","id":1})"), twin_of("method")
        );
    }
}

TEST(Scan, a_twin_alone_is_refused_too) {
    EXPECT_EQ(kind_of(R"({"jsonrpc":"2.0","id":1,"Method":"m"})"), twin_of("method"));
    EXPECT_EQ(kind_of(R"({"jsonrpc":"2.0","id":1,"method":"m","Result":1})"), twin_of("result"));
    EXPECT_EQ(kind_of(request_with(R"("progresstoken":1)")), twin_of("progressToken"));
    EXPECT_EQ(kind_of(request_with(R"("_META":1)")), twin_of("_meta"));
    EXPECT_EQ(kind_of(request_with(R"("_meta":{"Traceparent":1})")), twin_of("traceparent"));
    EXPECT_EQ(kind_of(request_with(R"("ref":{"Name":1})")), twin_of("name"));
    EXPECT_EQ(
        kind_of(request_with(R"("_meta":{"io.modelcontextprotocol/ProtocolVersion":1})")),
        twin_of("io.modelcontextprotocol/protocolVersion")
    );
    EXPECT_EQ(kind_of(R"({"jsonrpc":"2.0","id":1,"result":{"iserror":true}})"), twin_of("isError"));
    EXPECT_EQ(kind_of(R"({"jsonrpc":"2.0","id":1,"error":{"CODE":1}})"), twin_of("code"));
}

TEST(Scan, letters_that_fold_into_ascii_make_twins) {
    EXPECT_EQ(
        kind_of("{\"j\xc5\xbfonrpc\":\"2.0\",\"id\":1,\"method\":\"m\"}"), twin_of("jsonrpc")
    );
    EXPECT_EQ(kind_of(R"({"j\u017Fonrpc":"2.0","id":1,"method":"m"})"), twin_of("jsonrpc"));
    EXPECT_EQ(
        kind_of(request_with("\"progre\xc5\xbf\xc5\xbfTo\xe2\x84\xaa"
                             "en\":1")),
        twin_of("progressToken")
    );
    EXPECT_EQ(kind_of(request_with(R"("ta\u017f\u212A\u0000":1)")), twin_of("task"));
}

TEST(Scan, names_that_only_resemble_a_part_are_left_alone) {
    for (const auto* members :
         {R"("nam":1,"names":1,"name ":1," name":1,"":1)",
          R"("n\u0000ame":1,"\u0000name":1,"\u0000":1)",
          R"("n\u00e1me":1,"\u0131d":1,"\uff4eame":1)",
          R"("`meta":1,"?meta":1,"\u007fmeta":1)",
          R"("METHOD":1,"Id":2,"result":3,"Result":4)",
          R"("x":{"Name":1,"name":2,"name":3})"}) {
        EXPECT_EQ(kind_of(request_with(members)), "request") << members;
    }
    EXPECT_EQ(
        kind_of(request_with(R"("arguments":{"name":1,"Name":2,"NAME":3,"name":4})")), "request"
    );
}

TEST(Scan, a_very_long_name_costs_no_more_than_its_length) {
    std::string name;
    for (int i = 0; i < 200'000; ++i)
        name += "\xc5\xbf";
    EXPECT_EQ(kind_of(request_with("\"" + name + "\":1")), "request");
    EXPECT_EQ(kind_of(request_with("\"" + std::string(1'000'000, 'n') + "\":1")), "request");
}

}  // namespace
}  // namespace gw::test
