#include "app/status_text.hpp"

#include "app/json_members.hpp"
#include "app/printable.hpp"
#include "app/process_figures.hpp"
#include "base/json.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <unistd.h>
#include <utility>

namespace gw::app {

namespace {

constexpr std::array<std::string_view, 3> state_names{"starting", "ready", "failing"};
constexpr std::array<std::string_view, 3> era_names{"sessions", "stateless", "both"};

std::size_t seconds(TimePoint::duration time) {
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(time).count();
    return static_cast<std::size_t>(std::max<std::int64_t>(whole, 0));
}

std::string to_json(const gateway::UpstreamStatus& upstream, TimePoint now) {
    Members members;
    const bool is_listed = upstream.state == gateway::UpstreamStatus::State::ready;
    members.add_text("name", upstream.name)
        .add_text("state", state_names.at(std::to_underlying(upstream.state)))
        .add_text("era", is_listed ? era_names.at(std::to_underlying(upstream.spoken)) : "");
    for (const auto kind : {catalog::Kind::tools, catalog::Kind::prompts, catalog::Kind::resources})
        members.add_number(
            kind == catalog::Kind::tools     ? "tools"
            : kind == catalog::Kind::prompts ? "prompts"
                                             : "resources",
            upstream.counts.at(static_cast<std::size_t>(kind))
        );
    members.add_number("since_s", seconds(now - upstream.since))
        .add_text("last_error", upstream.last_error);
    if (upstream.next_try) members.add_number("next_try_s", seconds(*upstream.next_try - now));
    return members.object();
}

std::string text_of(const json::Object& object, std::string_view name) {
    const auto value = object[name];
    return printable(value.starts_with('"') ? json::unquoted(value) : std::string(value));
}

// "12m": what is left of it in smaller units matters to nobody.
std::string age_of(const json::Object& object, std::string_view name) {
    const std::chrono::seconds age(json::integer(object[name]).value_or(0));
    if (age < std::chrono::minutes(1)) return std::to_string(age.count()) + "s";
    if (age < std::chrono::hours(1)) return std::to_string(age / std::chrono::minutes(1)) + "m";
    if (age < std::chrono::days(2)) return std::to_string(age / std::chrono::hours(1)) + "h";
    return std::to_string(age / std::chrono::days(1)) + "d";
}

constexpr std::array<std::string_view, 8> columns{
    "server", "state", "era", "tools", "prompts", "resources", "since", "last error"
};
using Row = std::array<std::string, columns.size()>;

Row to_row(const json::Object& server) {
    auto error = text_of(server, "last_error");
    if (!server["next_try_s"].empty()) {
        error += " (next try in " + age_of(server, "next_try_s") + ")";
    }
    return {
        text_of(server, "name"),
        text_of(server, "state"),
        text_of(server, "era"),
        text_of(server, "tools"),
        text_of(server, "prompts"),
        text_of(server, "resources"),
        age_of(server, "since_s"),
        std::move(error)
    };
}

// In columns, each as wide as what is longest in it.
std::string aligned(const std::vector<Row>& rows) {
    std::array<std::size_t, columns.size()> widths{};
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i)
            widths.at(i) = std::max(widths.at(i), row.at(i).size());
    std::string text;
    for (const auto& row : rows) {
        std::string line = "  ";
        for (std::size_t i = 0; i < row.size(); ++i)
            line += row.at(i) + std::string(widths.at(i) + 2 - row.at(i).size(), ' ');
        text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
    return text;
}

}  // namespace

std::string status_json(const GatewayStatus& status) {
    WorkerStatus sum;
    for (const auto& worker : status.workers) {
        sum.connections += worker.connections;
        sum.in_flight += worker.in_flight;
        sum.sessions += worker.sessions;
        sum.streams += worker.streams;
        sum.parks += worker.parks;
        sum.leases += worker.leases;
        sum.buffered_bytes += worker.buffered_bytes;
    }
    std::string servers;
    for (const auto& upstream : status.upstreams)
        servers += (servers.empty() ? "" : ",") + to_json(upstream, status.now);
    return Members()
               .add_number("pid", static_cast<std::size_t>(::getpid()))
               .add_text("address", status.address)
               .add_number("workers", status.workers.size())
               .add_number("connections", sum.connections)
               .add_number("in_flight", sum.in_flight)
               .add_number("sessions", sum.sessions)
               .add_number("streams", sum.streams)
               .add_number("parks", sum.parks)
               .add_number("leases", sum.leases)
               .add_number("children", status.children)
               .add_number("spares", status.spares)
               .add_number("buffered_bytes", sum.buffered_bytes)
               .add_number("descriptors", count_descriptors())
               .add("servers", "[" + servers + "]")
               .object() +
           "\n";
}

Result<std::string> status_table(std::string_view json) {
    GW_TRY(const auto status, json::Object::parse(json));
    std::string text = text_of(status, "address") + " (pid " + text_of(status, "pid") + ")\n  ";
    std::string_view between;
    for (const std::string_view name :
         {"sessions",
          "streams",
          "parks",
          "connections",
          "in_flight",
          "leases",
          "children",
          "spares",
          "buffered_bytes",
          "descriptors"}) {
        text.append(std::exchange(between, ", ")).append(name) += " " + text_of(status, name);
    }
    text += "\n\n";
    constexpr std::size_t servers_max = 100'000;
    GW_TRY(const auto servers, json::elements(status["servers"], servers_max));
    std::vector<Row> rows(1);
    std::ranges::copy(columns, rows.front().begin());
    for (const auto server : servers) {
        GW_TRY(const auto object, json::Object::parse(server));
        rows.push_back(to_row(object));
    }
    return text + (servers.empty() ? "  no servers\n" : aligned(rows));
}

}  // namespace gw::app
