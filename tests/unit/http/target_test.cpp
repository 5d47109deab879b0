#include "http/target.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gw::http::test {
namespace {

std::string parse(std::string_view text) {
    const auto target = parse_target(text);
    if (!target) return std::string(to_string(target.error().kind));
    return std::string(target->authority) + "|" + std::string(target->path) + "|" +
           std::string(target->query);
}

TEST(target, is_a_path_and_a_query) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"/", "|/|"},
        {"/mcp", "|/mcp|"},
        {"/mcp/", "|/mcp/|"},
        {"/servers/0a-1_b.c~d/mcp", "|/servers/0a-1_b.c~d/mcp|"},
        {"/a?b=c&d=/../x;y?z", "|/a|b=c&d=/../x;y?z"},
        {"/a?", "|/a|"},
        {"/a?%2e%2F%00", "|/a|%2e%2F%00"},
        {"/.well-known/oauth-protected-resource", "|/.well-known/oauth-protected-resource|"},
        {"/...", "|/...|"},
        {"/..a/.b/c..", "|/..a/.b/c..|"},
        {"/a%20b%C3%a9", "|/a%20b%C3%a9|"},
        {"/a%2Eb", "|/a%2Eb|"},
        {"/!$&'()*+,=:@", "|/!$&'()*+,=:@|"},
        {"http://host:1/p?q", "host:1|/p|q"},
        {"HTTPS://[::1]:1/p", "[::1]:1|/p|"},
        {"http://host", "host|/|"},
        {"http://host?q", "host|/|q"},
    };
    for (const auto& [text, expected] : cases)
        EXPECT_EQ(parse(text), expected) << text;
}

TEST(target, is_nothing_that_could_be_resolved_to_another_path) {
    const std::vector<std::string> cases{
        "",          "*",           "mcp",          "host:80",      "//",
        "//mcp",     "/mcp//",      "/a//b",        "/.",           "/..",
        "/a/.",      "/a/..",       "/a/./b",       "/a/../b",      "/%2e",
        "/%2E%2e/a", "/.%2e/a",     "/%2e./",       "/a/%2e",       "/a%2Fb",
        "/a%2fb",    "/a%5Cb",      "/a%5cb",       "/a\\b",        "/a;b",
        "/a;",       "/a%",         "/a%2",         "/a%zz",        "/a%2g",
        "/a%00",     "/a%0d%0a",    "/a%7f",        "/a#b",         "/a?b#c",
        "/a?%",      "/a?%4",       "/a?%xx",       "/a\"b",        "/a<b>",
        "/a{b}",     "/a|b",        "/a^b",         "/a`b",         "/a\xc3\xa9",
        "/a b",      "/a\x01",      "/a\x7f",       "http:",        "http:/a",
        "http://",   "http:///a",   "http://u@h/a", "http://h:x/a", "http://h:99999/a",
        "ftp://h/a", "http://h/..", "http://h//a",  "http://h\\a",  "http://h#a",
    };
    for (const auto& text : cases)
        EXPECT_EQ(parse(text), "not_found") << text;
}

std::string split(std::string_view authority) {
    const auto port = port_of(authority);
    return std::string(host_of(authority)) + (port ? " " + std::to_string(*port) : "");
}

TEST(authority, is_a_host_and_a_port) {
    EXPECT_EQ(split("example.com"), "example.com");
    EXPECT_EQ(split("example.com:80"), "example.com 80");
    EXPECT_EQ(split("example.com:"), "example.com");
    EXPECT_EQ(split("127.0.0.1:65535"), "127.0.0.1 65535");
    EXPECT_EQ(split("[::1]"), "[::1]");
    EXPECT_EQ(split("[2001:db8::1]:8080"), "[2001:db8::1] 8080");
}

TEST(authority, has_no_host_when_it_is_anything_else) {
    for (const std::string text :
         {"",       ":80",   "a:65536",  "a:-1", "a:+1",   "a:8 0", "a:80x", "a b", "a,b",
          "u@a",    "a/b",   "a?b",      "[::1", "[::1]x", "[]",    "[a]b]", "::1", "a:1:2",
          "[x::1]", "a%2eb", "\xc3\xa9", "a\tb", "[::1]]", "a#b",   "a\\b"}) {
        EXPECT_EQ(split(text), "") << text;
    }
}

TEST(loopback, has_few_spellings) {
    for (const auto* host : {"localhost", "LocalHost", "127.0.0.1", "127.255.0.9", "[::1]"})
        EXPECT_TRUE(is_loopback_host(host)) << host;
    for (const auto* host :
         {"",
          "localhost.",
          "localhost.evil.com",
          "127.0.0.1.evil.com",
          "127.0.0",
          "127.1",
          "128.0.0.1",
          "0.0.0.0",
          "127.0.0.256",
          "127.0.0.01",
          "127.0.0.1.",
          "127.0.0.-1",
          "127.0..1",
          "2130706433",
          "0x7f.0.0.1",
          "[::]",
          "::1",
          "[::ffff:127.0.0.1]"}) {
        EXPECT_FALSE(is_loopback_host(host)) << host;
    }
}

}  // namespace
}  // namespace gw::http::test
