#include "app/own_address.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gw::test {
namespace {

// Whether an upstream server with this URL is taken for the gateway that listens at `listen`.
bool is_own(
    const std::string& url,
    const std::string& listen = "127.0.0.1:8080",
    const std::string& public_url = ""
) {
    return app::is_own_address(url, listen, public_url);
}

TEST(OwnAddress, is_known_by_every_name_of_this_machine_and_on_every_path) {
    for (const auto* url :
         {"http://127.0.0.1:8080/mcp",
          "http://localhost:8080/mcp",
          "http://[::1]:8080/servers/x/mcp",
          "http://LocalHost:8080/mcp",
          "http://127.1.2.3:8080"})
        EXPECT_TRUE(is_own(url)) << url;
    EXPECT_TRUE(is_own("http://localhost:8080/mcp", "0.0.0.0:8080"));
    EXPECT_TRUE(is_own("https://gate.example:443/mcp", "gate.example:443"));
    EXPECT_TRUE(is_own("https://gate.example/mcp", "gate.example:443"));
    EXPECT_TRUE(is_own("https://Gate.Example/mcp", "GATE.example:443"));
}

TEST(OwnAddress, is_the_public_one_on_the_gateways_paths) {
    const auto is_public = [](const std::string& url, const std::string& listen) {
        return is_own(url, listen, "https://gate.example/one/");
    };
    for (const std::string listen : {"127.0.0.1:8080", "127.0.0.1:0", "unix:/run/x"}) {
        EXPECT_TRUE(is_public("https://gate.example/one/mcp", listen)) << listen;
        EXPECT_TRUE(is_public("https://GATE.example:443/one/servers/x/mcp", listen)) << listen;
        EXPECT_FALSE(is_public("https://gate.example/two/mcp", listen)) << listen;
        EXPECT_FALSE(is_public("https://gate.example/one/other", listen)) << listen;
        EXPECT_FALSE(is_public("http://gate.example/one/mcp", listen)) << listen;
    }
}

TEST(OwnAddress, is_no_other_server) {
    EXPECT_FALSE(is_own("http://127.0.0.1:8081/mcp"));
    EXPECT_FALSE(is_own("http://example.com:8080/mcp"));
    EXPECT_FALSE(is_own("http://localhost/mcp"));
    EXPECT_FALSE(is_own(""));
    EXPECT_FALSE(is_own("http://localhost:8080/mcp", "unix:/run/x"));
    EXPECT_FALSE(is_own("http://localhost:8080/mcp", "127.0.0.1:0"));
    EXPECT_FALSE(is_own("http://localhost:8080/mcp", "192.0.2.1:8080"));
}

}  // namespace
}  // namespace gw::test
