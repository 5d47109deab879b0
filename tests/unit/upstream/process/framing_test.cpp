#include "upstream/process/framing.hpp"

#include "base/json.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace gw::upstream {
namespace {

void feed(LineReader& lines, std::string_view bytes) {
    std::ranges::copy(bytes, lines.prepare(bytes.size()).begin());
    lines.commit(bytes.size());
}

// All lines of `text` when it comes in pieces of `step` bytes; a failure is "<over>".
std::vector<std::string> read(std::string_view text, std::size_t step, std::size_t max = 1000) {
    LineReader lines(max);
    std::vector<std::string> all;
    for (; !text.empty(); text.remove_prefix(std::min(step, text.size()))) {
        feed(lines, text.substr(0, step));
        for (auto line = lines.next(); !line || *line; line = lines.next()) {
            all.push_back(line ? std::string((*line)->view()) : "<over>");
            if (!line) return all;
        }
    }
    return all;
}

TEST(framing, gives_the_same_lines_wherever_the_stream_is_cut) {
    const std::vector<std::string> lines{"one", "a much longer second line", "3", "four"};
    for (const std::size_t step : {1U, 2U, 3U, 5U, 7U, 100U}) {
        EXPECT_EQ(read("one\na much longer second line\r\n\n\r\n3\nfour\nrest", step), lines)
            << step;
    }
}

TEST(framing, refuses_a_line_over_the_limit_before_its_end_has_come) {
    EXPECT_EQ(read("12345\n123456", 100, 5), (std::vector<std::string>{"12345", "<over>"}));
    EXPECT_EQ(read("123456\n", 100, 5), std::vector<std::string>{"<over>"});
    EXPECT_EQ(read("12345\r\n", 100, 5), std::vector<std::string>{"12345"});
    EXPECT_EQ(read("12345\r\n", 1, 5), std::vector<std::string>{"12345"});
}

TEST(framing, keeps_what_a_line_is_followed_by) {
    LineReader lines(100'000);
    const std::string big(50'000, 'x');
    feed(lines, "a\n" + big + "\nb\nun");
    EXPECT_EQ((*lines.next())->view(), "a");
    EXPECT_EQ((*lines.next())->view(), big);
    EXPECT_EQ((*lines.next())->view(), "b");
    EXPECT_FALSE(*lines.next());
    EXPECT_EQ(lines.unfinished(), 2U);
    EXPECT_EQ(lines.take_rest().view(), "un");
    EXPECT_EQ(lines.unfinished(), 0U);
}

TEST(framing, takes_line_breaks_out_and_nothing_else) {
    Buffer message;
    message.append("{\r\n \"a\": \"\\n\\r\",\n\"b\":\r[1,\n2]}\n");
    make_one_line(message);
    EXPECT_EQ(message.view(), R"({ "a": "\n\r","b":[1,2]})");
    make_one_line(message);
    EXPECT_EQ(message.view(), R"({ "a": "\n\r","b":[1,2]})");
}

}  // namespace
}  // namespace gw::upstream
