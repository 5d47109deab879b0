#include "http/sse.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace gw::http::test {
namespace {

std::string render(const Event& event) {
    std::string line = "{";
    if (event.has_id) line += "id=" + event.id + " ";
    if (!event.event.empty()) line += "event=" + event.event + " ";
    if (event.retry_ms) line += "retry=" + std::to_string(*event.retry_ms) + " ";
    if (event.has_data) line += "data=" + std::string(event.data.view());
    return line + "}";
}

// The events of `text`, fed in pieces of `piece` bytes, or the kind of error after them.
std::string parse(std::string_view text, std::size_t piece = 1000, std::size_t bytes_max = 1000) {
    EventParser parser(bytes_max);
    Event event;
    std::string events;
    for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
        const std::vector<char> bytes(
            text.begin(), text.begin() + static_cast<long>(std::min(piece, text.size()))
        );
        parser.feed({bytes.data(), bytes.size()});
        for (;;) {
            const auto has_event = parser.next(event);
            if (!has_event) return events + std::string(to_string(has_event.error().kind));
            if (!*has_event) break;
            events += render(event);
        }
    }
    return events;
}

TEST(sse, parses_events_as_the_specification_says) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"data: a\n\n", "{data=a}"},
        {"data:a\n\n", "{data=a}"},
        {"data:  a \n\n", "{data= a }"},
        {"data: a\r\n\r\n", "{data=a}"},
        {"data: a\r\r", "{data=a}"},
        {"data: a\r\ndata: b\r\n\r\n", "{data=a\nb}"},
        {"data: a\r\n\ndata: b\n\r\n", "{data=a}{data=b}"},
        {"data: a\n\n\n\ndata: b\n\n", "{data=a}{data=b}"},
        {"data: a\ndata: b\ndata:\ndata\n\n", "{data=a\nb\n\n}"},
        {"data\n\n", "{data=}"},
        {"data:\n\n", "{data=}"},
        {"data\ndata\n\n", "{data=\n}"},
        {"id: 1\nevent: message\nretry: 20\ndata: a:b: c\n\n",
         "{id=1 event=message retry=20 data=a:b: c}"},
        {"event: a\nevent: b\ndata: x\n\n", "{event=b data=x}"},
        {"event: a\nevent\ndata: x\n\n", "{data=x}"},
        {"event: a\n\ndata: x\n\n", "{data=x}"},
        {"id: 1\ndata: x\n\ndata: y\n\n", "{id=1 data=x}{data=y}"},
        {"id\ndata: x\n\n", "{id= data=x}"},
        {"id: 1\n\n", "{id=1 }"},
        {"retry: 7\n\n", "{retry=7 }"},
        {": comment\n\n:\n\n:data: x\n", ""},
        {"data: a\n: comment\ndata: b\n\n", "{data=a\nb}"},
        {"other: x\nDATA: x\ndata : x\ndatax: y\n data: z\n\n", ""},
        {"retry: -1\nretry: 1x\nretry:\nretry: +1\nretry: 4294967296\ndata: x\n\n", "{data=x}"},
        {std::string("id: a\0b\ndata: x\n\n", 17), "{data=x}"},
        {std::string("id: 1\nid: a\0\ndata: x\n\n", 22), "{id=1 data=x}"},
        {std::string("data: a\0b\n\n", 11), std::string("{data=a\0b}", 10)},
        {"\xEF\xBB\xBF"
         "data: a\n\n",
         "{data=a}"},
        {"\xEF\xBB\xBF\n\n"
         "data: a\n\n",
         "{data=a}"},
        {"\xEF\xBB\xBF\xEF\xBB\xBF"
         "data: a\n\n",
         ""},
        {"\xEF\xBB"
         "data: a\ndata: b\n\n",
         "{data=b}"},
        {"\xEF\xBB\ndata: b\n\n", "{data=b}"},
        {"data: a\n\n\xEF\xBB\xBF"
         "data: b\n\n",
         "{data=a}"},
        {"data: a\n", ""},
        {"data: a", ""},
        {"", ""},
    };
    for (const auto& [text, expected] : cases) {
        EXPECT_EQ(parse(text), expected) << text;
        EXPECT_EQ(parse(text, 1), expected) << text;
        EXPECT_EQ(parse(text, 2), expected) << text;
    }
}

TEST(sse, reports_an_event_with_the_first_byte_of_the_line_end) {
    EXPECT_EQ(parse("data: a\r\n\r"), "{data=a}");
}

TEST(sse, bounds_an_event_and_not_the_stream) {
    EXPECT_EQ(parse("data: 12345\n\ndata: 12345\n\n", 3, 5), "{data=12345}{data=12345}");
    EXPECT_EQ(parse("data: 123456\n\n", 3, 5), "payload_too_large");
    EXPECT_EQ(parse("data: 12\ndata: 34\n\n", 3, 5), "{data=12\n34}");
    EXPECT_EQ(parse("data: 12\ndata: 345\n\n", 3, 5), "payload_too_large");
    EXPECT_EQ(parse("id: 12\nevent: 34\ndata: 56\n\n", 3, 5), "payload_too_large");
    EXPECT_EQ(parse("data\ndata\ndata\n\n", 3, 1), "payload_too_large");
    EXPECT_EQ(parse(":" + std::string(100, 'x') + "\nother: 123456\n\n", 3, 5), "");
    EXPECT_EQ(parse(std::string(100, 'x'), 3, 5), "");
    EXPECT_EQ(
        parse("data: 12345\n\nevent: 1234\n\nid: 12345\n\n", 3, 5), "{data=12345}{id=12345 }"
    );
}

TEST(sse, hands_over_the_buffer_of_the_data) {
    EventParser parser(1000);
    parser.feed("data: a\n\ndata: b\n\n");
    Event event;
    ASSERT_TRUE(parser.next(event).value());
    const auto first = std::move(event.data);
    ASSERT_TRUE(parser.next(event).value());
    EXPECT_FALSE(parser.next(event).value());
    EXPECT_EQ(first.view(), "a");
    EXPECT_EQ(event.data.view(), "b");
}

TEST(sse, is_written_as_it_is_read) {
    Buffer out;
    append_priming(out, "s-0", 3000);
    append_comment(out);
    append_event(out, "s-1", R"({"a":1})");
    append_event(out, "", "x");
    EXPECT_EQ(
        out.view(),
        "retry: 3000\nid: s-0\ndata: \n\n"
        ":\n\n"
        "event: message\nid: s-1\ndata: {\"a\":1}\n\n"
        "event: message\ndata: x\n\n"
    );
    EXPECT_EQ(
        parse(out.view()),
        "{id=s-0 retry=3000 data=}{id=s-1 event=message data={\"a\":1}}{event=message data=x}"
    );
}

TEST(sse_death, writes_no_line_ends_into_a_field) {
    Buffer out;
    EXPECT_DEATH(append_event(out, "1", "a\nb"), "is_one_line");
    EXPECT_DEATH(append_event(out, "1", "a\rb"), "is_one_line");
    EXPECT_DEATH(append_event(out, "1\n2", "a"), "is_one_line");
    EXPECT_DEATH(append_priming(out, "1\r2", 1), "is_one_line");
}

}  // namespace
}  // namespace gw::http::test
