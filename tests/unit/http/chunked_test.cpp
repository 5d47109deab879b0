#include "http/chunked.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gw::http::test {
namespace {

// What decoding in place comes to, fed in pieces of `piece` bytes: the payload, then what is left.
std::string decode(const std::string& text, std::size_t piece = 1000) {
    ChunkedDecoder decoder;
    std::string payload;
    std::size_t at = 0;
    while (at < text.size() && !decoder.is_done()) {
        auto bytes = text.substr(at, piece);
        const auto fed = decoder.feed(bytes);
        if (!fed) return std::string(to_string(fed.error().kind));
        payload += bytes.substr(0, fed->payload);
        EXPECT_TRUE(fed->consumed == bytes.size() || decoder.is_done());
        EXPECT_EQ(bytes.substr(fed->consumed), text.substr(at, piece).substr(fed->consumed));
        at += fed->consumed;
    }
    return payload + (decoder.is_done() ? "|" + text.substr(at) : " ...");
}

TEST(chunked, gives_the_payload_and_leaves_the_rest) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"0\r\n\r\n", "|"},
        {"5\r\nhello\r\n0\r\n\r\n", "hello|"},
        {"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\nGET /", "hello world|GET /"},
        {"00000005\r\nhello\r\n000\r\n\r\n", "hello|"},
        {"a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789|"},
        {"2;x=\"y\"\r\nhi\r\n0;z\r\n\r\n", "hi|"},
        {"2\r\nhi\r\n0\r\nX-Sum: 1\r\nY:\r\n\r\nrest", "hi|rest"},
        {"2\r\n\r\n\r\n0\r\n\r\n", "\r\n|"},
        {"5\r\nhel", "hel ..."},
        {"5\r\nhello\r\n", "hello ..."},
        {"0\r\n", " ..."},
    };
    for (const auto& [text, expected] : cases) {
        EXPECT_EQ(decode(text), expected) << text;
        EXPECT_EQ(decode(text, 1), expected) << text;
        EXPECT_EQ(decode(text, 3), expected) << text;
    }
}

TEST(chunked, refuses_what_two_readers_could_read_in_two_ways) {
    const std::vector<std::string> cases{
        "\r\n",
        ";x\r\n",
        "g\r\n",
        "0x5\r\nhello",
        "-5\r\nhello",
        "+5\r\nhello",
        " 5\r\nhello",
        "5 \r\nhello",
        "5\t\r\nhello",
        "5\nhello",
        "5\rhello",
        "5\r\nhello0\r\n\r\n",
        "5\r\nhello\n0\r\n\r\n",
        "5\r\nhello\r0\r\n\r\n",
        "5\r\nhello!\r\n",
        "5;x\nhello\r\n0\r\n\r\n",
        "5;x\rhello\r\n0\r\n\r\n",
        std::string("5;\0\r\nhello", 10),
        "000000005\r\nhello",
        "100000005\r\nhello",
        "fffffffff\r\nhello",
        "0\r\n\n",
        "0\r\n\rX",
        "0\r\nX\r\n\r\n",
        "0\r\n: x\r\n\r\n",
        "0\r\n X: y\r\n\r\n",
        "0\r\nX : y\r\n\r\n",
        "0\r\nX: y\n\r\n",
        "0\r\nX: y\rZ: z\r\n\r\n",
        "0\r\nX: a\x01\r\n\r\n",
        "0\n\n",
    };
    for (const auto& text : cases) {
        EXPECT_EQ(decode(text), "malformed") << text;
        EXPECT_EQ(decode(text, 1), "malformed") << text;
    }
}

TEST(chunked, takes_sizes_of_32_bits) {
    ChunkedDecoder decoder;
    const auto run = decoder.next("ffffffff\r\nabc");
    EXPECT_EQ(run.value().payload, "abc");
    EXPECT_EQ(run.value().consumed, 13);
}

TEST(chunked, bounds_what_it_drops) {
    const std::string most(ChunkedDecoder::dropped_bytes_max - 1, 'x');
    EXPECT_EQ(decode("1;" + most + "\r\na\r\n0\r\n\r\n"), "a|");
    EXPECT_EQ(decode("1;" + most + "\r\na\r\n1;xx\r\na\r\n0\r\n\r\n"), "payload_too_large");
    EXPECT_EQ(decode("0\r\nX:" + most + "\r\n\r\n"), "payload_too_large");
    EXPECT_EQ(decode("0\r\nX:" + most), "payload_too_large");
}

TEST(chunked, streams_runs_of_payload_without_copying) {
    const std::string text = "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\nrest";
    ChunkedDecoder decoder;
    std::string_view rest = text;
    std::string runs;
    while (!rest.empty() && !decoder.is_done()) {
        const auto run = decoder.next(rest).value();
        EXPECT_TRUE(
            run.payload.empty() ||
            (run.payload.data() > text.data() && run.payload.end() <= rest.data() + run.consumed)
        );
        runs += std::string(run.payload) + "|";
        rest.remove_prefix(run.consumed);
    }
    EXPECT_EQ(runs, "abc|de||");
    EXPECT_EQ(rest, "rest");
    EXPECT_EQ(decoder.next(rest).value().consumed, 0);
}

TEST(chunked, is_written_as_it_is_read) {
    Buffer out;
    append_chunk(out, "hello");
    append_chunk(out, std::string(16, 'x'));
    const auto begun = begin_chunk(out);
    out.append("a").append("b");
    end_chunk(out, begun);
    end_chunk(out, begin_chunk(out));
    append_last_chunk(out);
    EXPECT_EQ(out.view(), "5\r\nhello\r\n10\r\nxxxxxxxxxxxxxxxx\r\n00000002\r\nab\r\n0\r\n\r\n");
    EXPECT_EQ(decode(std::string(out.view())), "helloxxxxxxxxxxxxxxxxab|");
}

}  // namespace
}  // namespace gw::http::test
