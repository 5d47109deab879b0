#include "app/grammar.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gw::app::test {
namespace {

TEST(grammar, names_stand_in_paths_as_they_are) {
    EXPECT_TRUE(is_name("a"));
    EXPECT_TRUE(is_name("9.Aa_-"));
    EXPECT_TRUE(is_name(std::string(64, 'x')));
    for (const auto* text : {"", ".a", "-a", "_a", "a/b", "a b", "é", ".."})
        EXPECT_FALSE(is_name(text)) << text;
    EXPECT_FALSE(is_name(std::string(65, 'x')));
}

TEST(grammar, origins_are_a_scheme_and_a_host) {
    EXPECT_TRUE(is_origin("https://app.example.com"));
    EXPECT_TRUE(is_origin("http://localhost:3000"));
    EXPECT_TRUE(is_origin("vscode-webview://abc"));
    for (const auto* text : {"", "*", "null", "app.example.com", "https://", "https://a/", "://a"})
        EXPECT_FALSE(is_origin(text)) << text;
}

TEST(grammar, urls_of_upstreams_have_neither_credentials_nor_fragment) {
    EXPECT_TRUE(is_http_url("http://localhost:3000/mcp"));
    EXPECT_TRUE(is_http_url("https://[::1]/a?b=c@d"));
    EXPECT_TRUE(is_http_url("https://example.com"));
    EXPECT_FALSE(is_http_url("http://localhost:003000/mcp"));
    for (const auto* text :
         {"",
          "ftp://a",
          "http://",
          "http:///mcp",
          "http://u:p@a/",
          "http://a/#x",
          "http://a/ b",
          "http://a/\r\nX: y",
          "http://a:99999/",
          "http://a:0/",
          "HTTP://a/",
          "http://a\\b/"}) {
        EXPECT_FALSE(is_http_url(text)) << text;
    }
}

TEST(grammar, proxies_are_http) {
    EXPECT_TRUE(is_proxy_url("http://proxy.corp:3128"));
    EXPECT_TRUE(is_proxy_url("http://user:pass@proxy:3128/"));
    for (const auto* text :
         {"", "socks5://a:1", "https://a:1", "http://", "http://a/b", "http://@"})
        EXPECT_FALSE(is_proxy_url(text)) << text;
}

TEST(grammar, header_values_cannot_end_their_line) {
    EXPECT_TRUE(is_header_value("Bearer abc def"));
    EXPECT_TRUE(is_header_value(""));
    for (const auto* text : {" a", "a ", "a\r\nb", "a\nb", "a\x7f", "\xc3\xa9"})
        EXPECT_FALSE(is_header_value(text)) << text;
    EXPECT_FALSE(is_header_value(std::string_view("a\0b", 3)));
}

TEST(grammar, header_names_are_tokens_and_some_are_the_gateways) {
    EXPECT_TRUE(is_header_name("X-Api-Key"));
    for (const auto* text : {"", "a:", "a b", "a\r", "é"})
        EXPECT_FALSE(is_header_name(text)) << text;
    for (const auto* text : {"Host", "content-LENGTH", "Mcp-Session-Id", "Accept"})
        EXPECT_TRUE(is_own_header(text)) << text;
    EXPECT_FALSE(is_own_header("Authorization"));
}

TEST(grammar, truth_has_few_spellings) {
    EXPECT_EQ(parse_flag("Yes"), true);
    EXPECT_EQ(parse_flag("oFF"), false);
    for (const std::string_view text : {"", "2", "truthy", " true", "null"})
        EXPECT_EQ(parse_flag(text), std::nullopt) << text;
}

TEST(grammar, text_files_are_utf_8_without_control_characters) {
    EXPECT_TRUE(is_text_file("a\tb\r\n é日🚀"));
    for (const std::string_view text :
         {std::string_view("\0", 1),
          std::string_view("\x04"),
          std::string_view("\xff"),
          std::string_view("\xc0\x80"),
          std::string_view("\xed\xa0\x80"),
          std::string_view("\xe2\x82"),
          std::string_view("\x7f"),
          std::string_view("\xf4\x90\x80\x80")}) {
        EXPECT_FALSE(is_text_file(text));
    }
}

}  // namespace
}  // namespace gw::app::test
