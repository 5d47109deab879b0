#include "web/origin.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gw::test {
namespace {

using web::Options;

bool is_allowed(
    const Options& options, std::string_view origin, std::string_view host = "localhost:8080"
) {
    return web::is_allowed_origin(options, origin, host);
}

TEST(Origin, a_gateway_on_this_machine_talks_to_pages_of_this_machine) {
    const Options options;
    for (const auto* origin :
         {"http://localhost", "http://localhost:5173", "http://127.0.0.1:1", "https://[::1]:3"}) {
        EXPECT_TRUE(is_allowed(options, origin)) << origin;
    }
}

TEST(Origin, what_only_looks_like_this_machine_is_foreign) {
    const Options options;
    for (const auto* origin :
         {"http://evil.example",
          "http://localhost.evil.example",
          "http://evil.example/localhost",
          "http://localhost@evil.example",
          "http://evil.example:80#localhost",
          "null",
          "",
          "localhost",
          "://",
          "http://",
          "http://localhost:80:80",
          "http://127.0.0.1.evil.example"}) {
        EXPECT_FALSE(is_allowed(options, origin)) << origin;
    }
}

TEST(Origin, a_gateway_for_others_talks_to_its_own_pages_and_those_it_is_told) {
    Options options;
    options.is_loopback = false;
    options.allowed_origins = {"https://app.example"};
    EXPECT_TRUE(is_allowed(options, "https://gw.example", "gw.example"));
    EXPECT_TRUE(is_allowed(options, "https://app.example", "gw.example"));
    EXPECT_FALSE(is_allowed(options, "http://app.example", "gw.example"));
    EXPECT_FALSE(is_allowed(options, "https://app.example:444", "gw.example"));
    EXPECT_FALSE(is_allowed(options, "http://localhost", "gw.example"));
    EXPECT_FALSE(is_allowed(options, "https://gw.example:444", "gw.example"));
}

TEST(Origin, the_public_one_is_the_gateways_own) {
    Options options;
    options.public_url = web::parse_public_url("https://GW.example:443/gate").value();
    EXPECT_TRUE(is_allowed(options, "https://gw.example"));
    EXPECT_FALSE(is_allowed(options, "http://gw.example"));
    EXPECT_FALSE(is_allowed(options, "https://gw.example:444"));
    EXPECT_FALSE(is_allowed(options, "https://gw.example.evil.example"));
    EXPECT_TRUE(web::is_allowed_host(options, "gw.example"));
    EXPECT_TRUE(web::is_allowed_host(options, "Gw.Example:443"));
    EXPECT_FALSE(web::is_allowed_host(options, "evil.example"));
}

TEST(Origin, a_star_allows_every_page) {
    Options options;
    options.is_loopback = false;
    options.allowed_origins = {"*"};
    EXPECT_TRUE(is_allowed(options, "https://evil.example"));
    EXPECT_TRUE(is_allowed(options, "null"));
}

}  // namespace
}  // namespace gw::test
