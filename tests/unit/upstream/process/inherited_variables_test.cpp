#include "upstream/process/inherited_variables.hpp"

#include <gtest/gtest.h>

namespace gw::upstream {
namespace {

Variables inherited(const Variables& ours, const std::vector<std::string>& also = {}) {
    const auto look_up = [&](std::string_view name) -> std::optional<std::string> {
        const auto found = ours.find(std::string(name));
        if (found == ours.end()) return std::nullopt;
        return found->second;
    };
    return inherited_variables(look_up, also);
}

TEST(InheritedVariables, are_what_leads_to_the_network_and_to_packages) {
    const Variables needed{
        {"PATH", "/bin"},
        {"SSL_CERT_FILE", "/c.pem"},
        {"npm_config_cache", "/n"},
        {"UV_CACHE_DIR", "/u"},
        {"XDG_CACHE_HOME", "/x"}
    };
    EXPECT_EQ(inherited(needed), needed);
}

TEST(InheritedVariables, are_not_those_of_any_other_name) {
    for (const std::string name :
         {"GITHUB_TOKEN",
          "SSL_CERT_FILE_2",
          "NPM_TOKEN",
          "UV_PUBLISH_TOKEN",
          "DATABASE_URL",
          "AWS_SECRET_ACCESS_KEY",
          "SSH_AUTH_SOCK",
          "BASCULE_LISTEN"}) {
        EXPECT_EQ(inherited({{name, "v"}}), Variables()) << name;
    }
}

TEST(InheritedVariables, have_a_password_in_a_url_only_for_proxies) {
    const Variables proxy{{"https_proxy", "http://u:p@proxy:1"}};
    EXPECT_EQ(inherited(proxy), proxy);
    for (const std::string value :
         {"https://u:p@host/simple", "a=https://host https://u@host", "https://host,ssh://u@h"}) {
        EXPECT_EQ(inherited({{"UV_INDEX", value}}), Variables()) << value;
    }
    const Variables plain{{"UV_INDEX", "https://host/simple/a@b?c=d@e"}};
    EXPECT_EQ(inherited(plain), plain);
}

TEST(InheritedVariables, are_those_that_the_operator_names_but_for_the_gateways_own) {
    const Variables ours{
        {"MY_TOKEN", "https://u:p@h"}, {"BASCULE_KEY", "k"}, {"JWT_SECRET_KEY", "j"}, {"OTHER", "o"}
    };
    EXPECT_EQ(
        inherited(ours, {"MY_TOKEN", "BASCULE_KEY", "JWT_SECRET_KEY", "NOT_SET"}),
        (Variables{{"MY_TOKEN", "https://u:p@h"}})
    );
    EXPECT_TRUE(is_inheritable("_a1"));
    for (const std::string_view name :
         {"", "1a", "a=b", "a b", "*", "NPM_*", "BASCULE_X", "DATABASE_URL"}) {
        EXPECT_FALSE(is_inheritable(name)) << name;
    }
}

}  // namespace
}  // namespace gw::upstream
