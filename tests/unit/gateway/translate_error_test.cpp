#include "gateway/translate_error.hpp"

#include "support/fake_exchange.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gw::test {
namespace {

using mcp::Revision;

constexpr bool stateless = true;
constexpr bool with_sessions = false;

// What becomes of an error on its way from one kind of server to a client of `revision`.
std::string translated(
    std::string error,
    bool is_stateless,
    Revision revision,
    std::string_view method = "tools/call",
    mcp::ClientCapabilities capabilities = {},
    std::string_view uri = R"("f:///x")"
) {
    mcp::Refused refused{Slice(std::move(error))};
    refused.is_stateless = is_stateless;
    const auto got = gateway::translate_error(
        std::move(refused),
        {.revision = revision, .capabilities = capabilities, .method = method, .quoted_uri = uri}
    );
    return bytes(got) + (got || got.error().data.empty() ? "" : " " + got.error().data);
}

std::string error(int code, std::string_view more = "") {
    return R"({ "code":)" + std::to_string(code) + R"(, "message":"m\u0041")" + std::string(more) +
           " }";
}

TEST(TranslateError, changes_nothing_between_two_with_sessions) {
    for (const auto code : {-32700, -32600, -32601, -32602, -32603, -32002, -32021, -32000, 7}) {
        const auto text = error(code, R"(,"data":{"uri":"f:///x"})");
        for (const auto revision : {Revision::r2025_03_26, Revision::r2025_11_25}) {
            EXPECT_EQ(translated(text, with_sessions, revision), "refused: " + text);
            EXPECT_EQ(
                translated(text, with_sessions, revision, "resources/read"), "refused: " + text
            );
        }
    }
}

TEST(TranslateError, an_unknown_resource_has_the_code_of_the_clients_era) {
    const auto read = "resources/read";
    const auto with_uri = R"({"code":-32002,"message":"m\u0041","data":{"uri":"f:///x"}})";
    EXPECT_EQ(
        translated(
            R"({"code":-32602,"message":"m\u0041","data":{"uri":"f:///x"}})",
            stateless,
            Revision::r2025_11_25,
            read
        ),
        std::string("refused: ") + with_uri
    );
    EXPECT_EQ(
        translated(with_uri, with_sessions, Revision::r2026_07_28, read),
        R"(refused: {"code":-32602,"message":"m\u0041","data":{"uri":"f:///x"}})"
    );
    EXPECT_EQ(
        translated(error(-32002), with_sessions, Revision::r2026_07_28, read),
        R"(refused: {"code":-32602,"message":"m\u0041","data":{"uri":"f:///x"}})"
    );
    EXPECT_EQ(
        translated(error(-32002, R"(,"data":[1.0])"), with_sessions, Revision::r2026_07_28, read),
        R"(refused: {"code":-32602,"message":"m\u0041","data":{"uri":"f:///x","error":[1.0]}})"
    );
}

TEST(TranslateError, a_long_uri_is_not_said_back) {
    const auto uri = "\"f:///" + std::string(100'000, 'x') + "\"";
    const auto read = "resources/read";
    EXPECT_EQ(
        translated(error(-32002), with_sessions, Revision::r2026_07_28, read, {}, uri),
        R"(refused: {"code":-32602,"message":"m\u0041"})"
    );
}

TEST(TranslateError, wrong_params_are_no_unknown_resource) {
    const auto plain = error(-32602);
    EXPECT_EQ(
        translated(plain, stateless, Revision::r2025_11_25, "resources/read"), "refused: " + plain
    );
    const auto with_uri = error(-32602, R"(,"data":{"uri":"f:///x"})");
    EXPECT_EQ(translated(with_uri, stateless, Revision::r2025_11_25), "refused: " + with_uri);
    for (const bool upstream : {stateless, with_sessions}) {
        EXPECT_EQ(translated(plain, upstream, Revision::r2026_07_28), "refused: " + plain);
    }
}

TEST(TranslateError, what_is_about_the_gateways_own_words_is_not_relayed) {
    for (const auto code : {-32020, -32022}) {
        for (const auto revision : {Revision::r2025_06_18, Revision::r2026_07_28}) {
            for (const bool upstream : {stateless, with_sessions}) {
                EXPECT_EQ(
                    translated(error(code), upstream, revision),
                    "upstream_failed: upstream refused the request"
                );
            }
        }
    }
}

TEST(TranslateError, a_missing_capability_is_named_if_the_client_lacks_it) {
    const auto text = error(-32021, R"(,"data":{"requiredCapabilities":{"sampling":{}}})");
    for (const auto revision : {Revision::r2025_11_25, Revision::r2026_07_28}) {
        EXPECT_EQ(
            translated(text, stateless, revision),
            "capability_missing: this needs a capability that the client did not declare: sampling "
            R"({"requiredCapabilities":{"sampling":{}}})"
        );
    }
}

TEST(TranslateError, an_extension_is_named_if_the_client_lacks_it) {
    const std::string needed =
        R"({"requiredCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}})";
    const auto text = error(-32021, R"(,"data":)" + needed);
    EXPECT_EQ(
        translated(text, stateless, Revision::r2026_07_28),
        "capability_missing: this needs a capability that the client did not declare: extensions " +
            needed
    );
    const mcp::ClientCapabilities tasks{.tasks = true};
    EXPECT_TRUE(
        translated(text, stateless, Revision::r2026_07_28, "tools/call", tasks).contains("-32603")
    );
}

TEST(TranslateError, a_capability_that_the_client_has_cannot_be_missing) {
    const auto text = error(-32021, R"(,"data":{"requiredCapabilities":{"sampling":{}}})");
    const mcp::ClientCapabilities sampling{.sampling = true};
    const auto wrapped =
        R"(refused: {"code":-32603,"message":"m\u0041","data":{"error":)" + text + "}}";
    for (const auto revision : {Revision::r2025_11_25, Revision::r2026_07_28}) {
        EXPECT_EQ(translated(text, stateless, revision, "tools/call", sampling), wrapped);
    }
    EXPECT_TRUE(translated(error(-32021), stateless, Revision::r2026_07_28).contains("-32603"));
}

TEST(TranslateError, a_stateless_client_gets_no_code_that_it_does_not_know) {
    for (const auto code : {-32700, -32600, -32601, -32002, -32000, -32019, -32099, 7}) {
        const auto text = error(code, R"(,"data":{"a":1.0})");
        const auto wrapped =
            R"(refused: {"code":-32603,"message":"m\u0041","data":{"error":)" + text + "}}";
        for (const bool upstream : {stateless, with_sessions}) {
            EXPECT_EQ(translated(text, upstream, Revision::r2026_07_28), wrapped);
        }
    }
    const auto internal = error(-32603);
    EXPECT_EQ(translated(internal, with_sessions, Revision::r2026_07_28), "refused: " + internal);
}

TEST(TranslateError, a_client_with_sessions_gets_other_codes_of_a_stateless_server_as_they_are) {
    for (const auto code : {-32601, -32603, -32000, 7}) {
        const auto text = error(code);
        EXPECT_EQ(translated(text, stateless, Revision::r2025_03_26), "refused: " + text);
    }
}

const auto log_in = error(
    -32042,
    R"(,"data":{"elicitations":[{"mode":"url","elicitationId":"e",)"
    R"("message":"Log in","url":"https://a.test/"}]})"
);

TEST(TranslateError, what_to_do_at_a_url_reaches_clients_that_can_open_it) {
    const mcp::ClientCapabilities url{.elicitation_url = true};
    EXPECT_EQ(
        translated(log_in, with_sessions, Revision::r2025_11_25, "tools/call", url),
        "refused: " + log_in
    );
    const auto required =
        translated(log_in, with_sessions, Revision::r2026_07_28, "tools/call", url);
    EXPECT_TRUE(
        required.starts_with(R"(required: {"resultType":"input_required","inputRequests":{"url-1":)"
                             R"({"method":"elicitation/create","params":)"
                             R"({"mode":"url","message":"Log in","url":"https://a.test/"}}})")
    ) << required;
}

TEST(TranslateError, what_to_do_at_a_url_is_told_the_model_of_other_clients) {
    for (const auto revision : {Revision::r2025_03_26, Revision::r2026_07_28}) {
        EXPECT_EQ(
            translated(log_in, with_sessions, revision),
            R"({"content":[{"type":"text","text":"mA\u000aLog in: https://a.test/"}],"isError":true})"
        );
        EXPECT_EQ(
            translated(log_in, with_sessions, revision, "prompts/get"),
            R"(refused: {"code":-32603,"message":"mA\u000aLog in: https://a.test/"})"
        );
    }
}

}  // namespace
}  // namespace gw::test
