#include "telemetry/metrics.hpp"

#include "telemetry/metrics_text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace gw::test {
namespace {

using namespace std::chrono_literals;
using telemetry::Buckets;
using telemetry::Label;
using telemetry::Metric;
using telemetry::Metrics;
using telemetry::Type;
using telemetry::Unit;
using telemetry::Upstream;

const telemetry::MetricNames names{.version = "1.2.3", .upstreams = {{0, "one"}, {2, "two"}}};

bool has_line(const std::string& text, const std::string& line) {
    return ("\n" + text).contains("\n" + line + "\n");
}

std::string suffix_of(const telemetry::MetricRow& row) {
    const std::string unit = row.unit == Unit::seconds ? "_seconds"
                             : row.unit == Unit::bytes ? "_bytes"
                                                       : "";
    return unit + (row.type == Type::counter ? "_total" : "");
}

// OpenMetrics, Metric Names: base units at the end, and counters in _total.
TEST(MetricTable, names_each_metric_once_with_its_unit_and_type) {
    std::set<std::string_view> seen;
    for (const auto& row : telemetry::metric_table) {
        EXPECT_TRUE(seen.insert(row.name).second) << row.name;
        EXPECT_TRUE(std::regex_match(
            std::string(row.name), std::regex("(bascule|process)_[a-z]+(_[a-z]+)*")
        )) << row.name;
        EXPECT_TRUE(row.name.ends_with(suffix_of(row))) << row.name;
        if (row.type != Type::counter) EXPECT_FALSE(row.name.ends_with("_total")) << row.name;
        if (row.type == Type::histogram) EXPECT_EQ(row.unit, Unit::seconds) << row.name;
    }
}

TEST(MetricTable, explains_each_metric_on_one_line) {
    for (const auto& row : telemetry::metric_table) {
        EXPECT_TRUE(row.help.ends_with('.')) << row.name;
        EXPECT_EQ(row.help.find_first_of("\n\\|"), std::string_view::npos) << row.name;
    }
}

TEST(MetricTable, has_the_upstream_first_and_no_label_behind_a_gap) {
    for (const auto& row : telemetry::metric_table) {
        bool has_ended = false;
        for (std::size_t i = 0; i < row.labels.size(); ++i) {
            const auto label = row.labels[i];
            EXPECT_FALSE(has_ended && label != Label::none) << row.name;
            EXPECT_FALSE(label == Label::upstream && i > 0) << row.name;
            has_ended = has_ended || label == Label::none;
        }
    }
}

// A kind of error that is added is counted, too.
TEST(Labels, have_a_text_for_every_value) {
    for (const auto label :
         {Label::http_method,
          Label::status,
          Label::mcp_method,
          Label::era,
          Label::outcome,
          Label::reason,
          Label::kind}) {
        std::set<std::string> texts;
        for (std::size_t i = 0; i < size_of(label); ++i) {
            const auto text = value_of(label, i);
            EXPECT_FALSE(text.empty());
            EXPECT_TRUE(texts.insert(text).second) << text;
        }
    }
    EXPECT_EQ(value_of(Label::reason, size_of(Label::reason)), "unknown");
}

TEST(Labels, count_what_a_client_makes_up_as_other) {
    EXPECT_EQ(value_of(Label::mcp_method, telemetry::McpMethod::find("x/y").index()), "other");
    EXPECT_EQ(value_of(Label::mcp_method, telemetry::McpMethod::find("ping").index()), "ping");
    EXPECT_EQ(value_of(Label::status, telemetry::Status(299).index()), "other");
    EXPECT_EQ(value_of(Label::status, telemetry::Status(404).index()), "404");
}

TEST(Buckets, hold_what_takes_up_to_their_bound_and_no_longer) {
    EXPECT_EQ(Buckets::of(0ns), 0U);
    EXPECT_EQ(Buckets::of(-1ns), 0U);
    for (std::size_t i = 0; i + 1 < Buckets::count; ++i) {
        EXPECT_EQ(Buckets::of(Buckets::bound(i)), i);
        EXPECT_EQ(Buckets::of(Buckets::bound(i) + 1ns), i + 1);
    }
    EXPECT_EQ(Buckets::of(24h), Buckets::count - 1);
}

TEST(Metrics, print_each_metric_with_its_help_and_type) {
    const auto text = metrics_text({}, names);
    for (const auto& row : telemetry::metric_table) {
        EXPECT_TRUE(text.contains("# HELP " + std::string(row.name) + " ")) << row.name;
        EXPECT_TRUE(text.contains("# TYPE " + std::string(row.name) + " ")) << row.name;
    }
    EXPECT_TRUE(text.ends_with('\n'));
}

TEST(Metrics, count_by_labels) {
    Metrics metrics;
    metrics.count<Metric::errors>(Errc::too_many);
    metrics.count<Metric::http_requests>(
        telemetry::HttpMethod::named("POST"), telemetry::Status(503)
    );
    metrics.add<Metric::mcp_requests>(
        3,
        telemetry::McpMethod::named("tools/call"),
        telemetry::Era::stateless,
        telemetry::Outcome::input_required
    );
    const auto text = metrics_text(metrics, names);
    EXPECT_TRUE(has_line(text, R"(bascule_errors_total{reason="too_many"} 1)"));
    EXPECT_TRUE(has_line(text, R"(bascule_errors_total{reason="internal"} 0)"));
    EXPECT_TRUE(has_line(text, R"(bascule_http_requests_total{method="POST",status="503"} 1)"));
    EXPECT_FALSE(text.contains(R"(bascule_http_requests_total{method="GET")"));
    EXPECT_TRUE(has_line(
        text,
        R"(bascule_mcp_requests_total{method="tools/call",era="stateless",)"
        R"(outcome="input_required"} 3)"
    ));
}

TEST(Metrics, count_by_upstreams_that_are_configured) {
    Metrics metrics;
    metrics.count<Metric::upstream_requests>(Upstream{2}, telemetry::Outcome::timed_out);
    metrics.count<Metric::upstream_sessions_opened>(Upstream{1});
    const auto text = metrics_text(metrics, names);
    EXPECT_TRUE(
        has_line(text, R"(bascule_upstream_requests_total{upstream="two",outcome="timed_out"} 1)")
    );
    EXPECT_TRUE(has_line(text, R"(bascule_upstream_sessions_opened_total{upstream="one"} 0)"));
    EXPECT_TRUE(has_line(text, R"(bascule_upstream_sessions_opened_total{upstream="two"} 0)"));
}

TEST(Metrics, print_times_in_seconds_without_losing_any) {
    Metrics metrics;
    metrics.observe<Metric::http_request_duration>(1'000'000'001ns);
    metrics.observe<Metric::http_request_duration>(32us);
    const auto text = metrics_text(metrics, names);
    const std::string name = "bascule_http_request_duration_seconds";
    EXPECT_TRUE(has_line(text, name + R"(_bucket{le="0.000032"} 1)"));
    EXPECT_TRUE(has_line(text, name + R"(_bucket{le="0.524288"} 1)"));
    EXPECT_TRUE(has_line(text, name + R"(_bucket{le="1.048576"} 2)"));
    EXPECT_TRUE(has_line(text, name + R"(_bucket{le="+Inf"} 2)"));
    EXPECT_TRUE(has_line(text, name + "_sum 1.000032001"));
    EXPECT_TRUE(has_line(text, name + "_count 2"));
}

TEST(Metrics, escape_what_an_operator_has_called_a_server) {
    const telemetry::MetricNames odd{.version = "", .upstreams = {{0, "a\"b\\c\nd"}}};
    EXPECT_TRUE(has_line(metrics_text({}, odd), R"(bascule_upstream_up{upstream="a\"b\\c\nd"} 0)"));
}

TEST(Metrics, of_several_shards_add_up) {
    Metrics one;
    Metrics other;
    one.count<Metric::errors>(Errc::internal);
    other.add<Metric::errors>(2, Errc::internal);
    other.observe<Metric::upstream_request_duration>(1ms, Upstream{2});
    one.add_all(other);
    const auto text = metrics_text(one, names);
    EXPECT_TRUE(has_line(text, R"(bascule_errors_total{reason="internal"} 3)"));
    EXPECT_TRUE(
        has_line(text, R"(bascule_upstream_request_duration_seconds_count{upstream="two"} 1)")
    );
}

TEST(Metrics, forget_upstreams_that_are_gone) {
    Metrics metrics;
    metrics.count<Metric::upstream_sessions_opened>(Upstream{0});
    metrics.count<Metric::upstream_sessions_opened>(Upstream{2});
    metrics.forget_upstreams([](std::uint32_t number) { return number == 2; });
    const auto text = metrics_text(metrics, names);
    EXPECT_TRUE(has_line(text, R"(bascule_upstream_sessions_opened_total{upstream="one"} 0)"));
    EXPECT_TRUE(has_line(text, R"(bascule_upstream_sessions_opened_total{upstream="two"} 1)"));
}

TEST(Metrics, are_counted_of_one_upstream_also_when_it_was_forgotten_meanwhile) {
    Metrics metrics;
    telemetry::UpstreamMetrics two(metrics, Upstream{2});
    const auto opened = [&] { return metrics.cells(Metric::upstream_sessions_opened, 2)[0]; };
    two.count<Metric::upstream_sessions_opened>();
    two.count<Metric::upstream_sessions_opened>();
    two.observe<Metric::upstream_request_duration>(1ms);
    EXPECT_EQ(opened(), 2U);
    EXPECT_EQ(metrics.cells(Metric::upstream_request_duration, 2).back(), 1'000'000U);
    metrics.forget_upstreams([](std::uint32_t) { return false; });
    EXPECT_EQ(opened(), 0U);
    two.count<Metric::upstream_sessions_opened>();
    EXPECT_EQ(opened(), 1U);
}

TEST(MetricTable, is_what_the_documentation_says) {
    const std::ifstream in(GW_SOURCE_DIR "/docs/metrics.md");
    std::ostringstream text;
    text << in.rdbuf();
    EXPECT_TRUE(text.str().contains(telemetry::metrics_reference()))
        << "docs/metrics.md lacks this table:\n"
        << telemetry::metrics_reference();
}

}  // namespace
}  // namespace gw::test
