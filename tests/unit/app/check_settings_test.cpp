#include "app/check_settings.hpp"

#include "unit/app/reading.hpp"

#include <gtest/gtest.h>

namespace gw::app::test {
namespace {

// The errors of a file whose values are each within their range.
std::string checked(std::string_view yaml) {
    auto outcome = read_yaml(yaml);
    EXPECT_EQ(outcome.errors(), "");
    Report report;
    leave_out_upstreams(outcome.settings, outcome.settings.listen, report);
    check_settings(outcome.settings, report);
    return report.error_text();
}

TEST(check_settings, accepts_the_defaults_but_says_that_nothing_is_served) {
    Report report;
    Settings settings;
    check_settings(settings, report);
    EXPECT_EQ(report.error_text(), "");
    EXPECT_EQ(report.warnings, std::vector<std::string>{"there are no upstreams"});
}

TEST(check_settings, warns_where_there_may_be_fewer_processes_than_workers) {
    const auto warned = [](std::string yaml, std::string_view server = "{command: sh}") {
        yaml += ", upstreams: {a: " + std::string(server) + "}}";
        auto settings = read_yaml(yaml).settings;
        Report report;
        check_settings(settings, report);
        return report.warnings.empty() ? "" : report.warnings.front().substr(0, 60);
    };
    EXPECT_TRUE(warned("{workers: 4, processes: {max: 3}")
                    .starts_with("processes.max (3) is less than workers (4): "));
    EXPECT_TRUE(warned("{workers: 2, processes: {per_upstream_max: 1}")
                    .starts_with("processes.per_upstream_max (1) is less than workers (2): "));
    EXPECT_EQ(warned("{workers: 4, processes: {max: 4, per_upstream_max: 4}"), "");
    EXPECT_EQ(warned("{workers: 4, processes: {max: 3}", "{command: sh, era: sessions}"), "");
    EXPECT_EQ(warned("{workers: 4, processes: {max: 3}", "{url: 'http://127.0.0.1:1/'}"), "");
}

TEST(check_settings, warns_where_everybody_is_a_trusted_proxy) {
    auto settings =
        read_yaml("{trusted_proxies: ['10.0.0.0/8', '::/0'], upstreams: {a: {command: sh}}}")
            .settings;
    settings.workers = 1;
    Report report;
    check_settings(settings, report);
    EXPECT_EQ(
        report.warnings,
        std::vector<std::string>{"trusted_proxies: ::/0 lets every client say who it is"}
    );
}

TEST(check_settings, demands_to_know_who_speaks_the_proxy_protocol) {
    EXPECT_NE(checked("proxy_protocol: true"), "");
    EXPECT_EQ(checked("{proxy_protocol: true, trusted_proxies: ['10.0.0.0/8']}"), "");
}

TEST(check_settings, refuses_to_be_reachable_without_asking_who_comes) {
    const auto refusal = checked("listen: 0.0.0.0:8080");
    EXPECT_NE(refusal.find("0.0.0.0:8080 can be reached from other machines"), refusal.npos);
    EXPECT_NE(refusal.find("auth.tokens_file"), refusal.npos);
    EXPECT_NE(checked("listen: '[::]:8080'"), "");
    EXPECT_NE(checked("listen: host.example:8080"), "");
    EXPECT_EQ(checked("{listen: '0.0.0.0:1', auth: {tokens_file: t}}"), "");
    EXPECT_EQ(checked("{listen: '0.0.0.0:1', auth: {allow_anonymous: true}}"), "");
    EXPECT_EQ(checked("listen: 'unix:/run/x'"), "");
}

TEST(check_settings, refuses_anonymous_access_beside_tokens) {
    EXPECT_NE(checked("auth: {tokens_file: t, allow_anonymous: true}"), "");
}

TEST(check_settings, demands_both_files_of_tls) {
    EXPECT_EQ(checked("tls: {certificate: c}"), "tls needs both files: tls.key is not set");
    EXPECT_EQ(checked("tls: {key: k}"), "tls needs both files: tls.certificate is not set");
    EXPECT_EQ(checked("tls: {certificate: c, key: k}"), "");
}

TEST(check_settings, an_upstream_has_either_url_or_command) {
    EXPECT_EQ(
        checked("upstreams:\n  a: {timeout: 5s}\n"),
        "f.yaml:2: the upstream a has neither url nor command"
    );
    EXPECT_EQ(
        checked("upstreams:\n  a: {url: 'http://h/', command: x}\n"),
        "f.yaml:2: the upstream a has both url and command; it needs one"
    );
}

TEST(check_settings, an_upstream_is_in_no_denied_network) {
    const std::string text =
        "f.yaml:1: the upstream a has a url in a network of egress.denied_networks";
    EXPECT_EQ(checked("upstreams: {a: {url: 'http://169.254.169.254/mcp'}}"), text);
    EXPECT_EQ(checked("upstreams: {a: {url: 'http://[fd00:ec2::254]:80?x'}}"), text);
    EXPECT_EQ(checked("upstreams: {a: {url: 'http://127.0.0.1:80/'}}"), "");
    EXPECT_EQ(
        checked(
            "{egress: {denied_networks: [127.0.0.0/8]}, upstreams: {a: {url: 'http://127.0.0.9/'}}}"
        ),
        text
    );
    EXPECT_EQ(
        checked("{egress: {denied_networks: []}, upstreams: {a: {url: 'http://169.254.169.254/'}}}"
        ),
        ""
    );
}

TEST(check_settings, an_upstream_has_nothing_that_is_for_the_other_kind) {
    EXPECT_EQ(
        checked("upstreams: {a: {url: 'http://h/', args: [x]}}"),
        "f.yaml:1: the upstream a has args, which is only for a command"
    );
    for (const auto* part : {"env: {A: b}", "cwd: /x"})
        EXPECT_NE(checked("upstreams: {a: {url: 'http://h/', " + std::string(part) + "}}"), "");
    EXPECT_EQ(
        checked("upstreams: {a: {command: x, headers: {A: b}}}"),
        "f.yaml:1: the upstream a has headers, which is only for a url"
    );
    for (const auto* part : {"transport: sse", "ca_file: x"})
        EXPECT_NE(checked("upstreams: {a: {command: x, " + std::string(part) + "}}"), "");
}

TEST(check_settings, a_stateless_upstream_is_not_reached_over_sse) {
    EXPECT_EQ(
        checked("upstreams: {a: {url: 'http://h/', transport: sse, era: stateless}}"),
        "f.yaml:1: the upstream a has era stateless, which is not spoken over transport sse"
    );
    for (const auto* part : {"transport: sse, era: sessions", "era: stateless"})
        EXPECT_EQ(checked("upstreams: {a: {url: 'http://h/', " + std::string(part) + "}}"), "");
}

TEST(check_settings, an_upstream_has_a_header_once) {
    EXPECT_EQ(
        checked("upstreams: {a: {url: 'http://h/', headers: {X-Key: a, x-key: b}}}"),
        "f.yaml:1: the upstream a has the header x-key twice"
    );
}

TEST(check_settings, two_keys_may_not_give_the_same_name) {
    EXPECT_EQ(
        checked("upstreams:\n  my-server: {command: x}\n  My Server: {command: x}\n"),
        "f.yaml:3: the name \"my-server\" belongs to the upstream at f.yaml:2 already"
    );
}

TEST(check_settings, upstreams_and_virtual_servers_share_their_names) {
    EXPECT_EQ(
        checked("upstreams:\n  a: {command: x}\nservers:\n  a: {upstreams: [a]}\n"),
        "f.yaml:2: the name \"a\" belongs to the virtual server at f.yaml:4 already"
    );
}

TEST(check_settings, a_virtual_server_names_upstreams_that_are_there) {
    const std::string upstreams = "upstreams: {a: {command: x}, b: {command: x}}\n";
    EXPECT_EQ(
        checked(upstreams + "servers: {s: {upstreams: [a, c]}}"),
        "f.yaml:2: the virtual server s names the upstream c, which does not exist"
    );
    EXPECT_EQ(
        checked(upstreams + "servers: {s: {}}"), "f.yaml:2: the virtual server s has no upstreams"
    );
    EXPECT_EQ(
        checked(upstreams + "servers: {s: {upstreams: [a, a]}}"),
        "f.yaml:2: the virtual server s names a twice"
    );
    EXPECT_EQ(checked(upstreams + "servers: {s: {upstreams: [b, a]}}"), "");
}

TEST(check_settings, plain_names_need_one_upstream) {
    const std::string upstreams = "upstreams: {a: {command: x}, b: {command: x}}\n";
    EXPECT_EQ(checked(upstreams + "servers: {s: {upstreams: [a], names: plain}}"), "");
    EXPECT_EQ(
        checked(upstreams + "servers: {s: {upstreams: [a, b], names: plain}}"),
        "f.yaml:2: the virtual server s has plain names, which need exactly one upstream"
    );
}

TEST(check_settings, a_virtual_server_does_without_upstreams_that_are_left_out) {
    auto outcome = read_yaml(
        "upstreams: {a: {command: x}, b: {}}\nservers: {s: {upstreams: [b, a]}, t: {upstreams: "
        "[b]}}"
    );
    Report report;
    leave_out_upstreams(outcome.settings, outcome.settings.listen, report);
    check_settings(outcome.settings, report);
    EXPECT_EQ(report.errors, std::vector<std::string>{});
    ASSERT_EQ(report.left_out.size(), 1U);
    EXPECT_EQ(report.left_out[0].name, "b");
    EXPECT_EQ(outcome.settings.servers[0].upstreams, std::vector<std::string>{"a"});
    EXPECT_EQ(outcome.settings.servers[1].upstreams, std::vector<std::string>{});
}

}  // namespace
}  // namespace gw::app::test
