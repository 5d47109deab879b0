#pragma once

#include "base/json.hpp"
#include "gateway/catalogue.hpp"
#include "support/all_of.hpp"
#include "support/fake_catalogue_source.hpp"
#include "support/fake_listing.hpp"
#include "support/run.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gw::test {

// The names of a view's tools.
inline std::string tools_of(const catalog::View& view) {
    const auto page =
        all_of(view).page(catalog::Kind::tools, catalog::Form::object_output_schema, 0);
    std::string text = "[";
    for (const auto element : *json::elements((*json::Object::parse(page))["tools"], 100)) {
        text += (text.size() == 1 ? "" : " ") + *json::Object::parse(element)->string("name");
    }
    return text + "]";
}

inline Task<> get_into(
    gateway::Catalogue& catalogue,
    auth::ServerNumber server,
    mcp::ClientCapabilities capabilities,
    std::string& outcome
) {
    outcome = "waiting";
    const auto view = co_await catalogue.get(server, capabilities);
    outcome = view ? tools_of(**view) : to_string(view.error());
}

inline Task<> settled_into(
    gateway::Catalogue& catalogue,
    auth::ServerNumber server,
    mcp::ClientCapabilities capabilities,
    TimePoint since,
    std::string& outcome
) {
    outcome = "waiting";
    const auto view = co_await catalogue.settled(server, capabilities, since);
    outcome = view ? tools_of(**view) : to_string(view.error());
}

// A catalogue of two servers, "a" and "b", behind virtual server 0; "a" alone is behind 1.
class Cataloguing : public testing::Test {
protected:
    ManualLoop loop;
    async::Wheel wheel{TimePoint()};
    catalog::CursorSeal seal{catalog::CursorSeal::Key{1, 2, 3}};
    FakeCatalogueSource source{loop};
    std::vector<std::string> published;
    std::vector<std::string> reported;
    std::optional<gateway::Catalogue> catalogue;
    async::Gate gate{loop};
    std::vector<std::string> names{"a", "b", "c", "d"};       // Of the upstream servers, by index.
    std::map<auth::ServerNumber, catalog::ViewHandle> views;  // What was published last.

    Cataloguing() {
        source.servers[0].listing = to_listing({.tools = {"x"}});
        source.servers[1].listing = to_listing({.tools = {"y"}});
    }

    void SetUp() override {
        catalogue.emplace(gateway::Catalogue::Parts{
            .loop = loop,
            .wheel = wheel,
            .seal = seal,
            .source = source,
            .publish =
                [this](
                    gateway::Catalogue::Key key, const catalog::ViewHandle& view, const auto& news
                ) {
                    views[key.server] = view;
                    auto line = std::to_string(key.server) + " " + tools_of(*view);
                    for (const auto kind : catalog::kinds) {
                        if (!news.changes[static_cast<std::size_t>(kind)]) continue;
                        line.append(" ").append(catalog::names_of(kind).member);
                    }
                    published.push_back(std::move(line));
                },
            .report =
                [this](gateway::UpstreamNews::Weight weight, std::string_view line) {
                    const bool is_warning = weight == gateway::UpstreamNews::Weight::warning;
                    reported.push_back((is_warning ? "! " : "") + std::string(line));
                },
            .times = {},
            .instance = "me"
        });
        set_topology({0, 1});
    }

    void TearDown() override {
        loop.run(gate.close());
        if (catalogue) loop.run(catalogue->close());
        for (const auto& [index, server] : source.servers)
            EXPECT_EQ(server.leases.size(), 0) << index;
    }

    // Servers behind virtual server 0.
    void set_topology(std::vector<auth::UpstreamNumber> upstreams, catalog::ViewRules rules = {}) {
        auto topology = std::make_shared<gateway::Topology>();
        for (auth::UpstreamNumber i = 0; i < names.size(); ++i)
            topology->add(i, gateway::UpstreamName{names[i], names[i]});
        topology->add(0, {.id = "", .upstreams = std::move(upstreams), .rules = std::move(rules)});
        topology->add(1, {.id = "one", .upstreams = {0}, .rules = {}});
        catalogue->set_topology(std::move(topology));
        loop.settle();
    }

    // From the next topology on.
    void name(auth::UpstreamNumber upstream, const std::string& name) {
        for (auto& each : names) {
            if (each == name) each += "-before";
        }
        names.at(upstream) = name;
    }

    // What virtual server 0 shows.
    catalog::ViewHandle view_of() { return views[0]; }

    // Lets time pass tick by tick, and everything happen that becomes due.
    void pass(std::chrono::milliseconds time) {
        loop.settle();
        for (const auto end = wheel.now() + time; wheel.now() < end;) {
            wheel.advance(std::min(end, wheel.now() + async::Wheel::tick));
            loop.settle();
        }
    }

    // Begins to wait for the view of a virtual server.
    void get(
        std::string& outcome, auth::ServerNumber server = 0, mcp::ClientCapabilities with = {}
    ) {
        gate.spawn(get_into(*catalogue, server, with, outcome));
        loop.settle();
    }

    // The view as it can be had without waiting.
    std::string view(auth::ServerNumber server = 0, mcp::ClientCapabilities with = {}) {
        std::string outcome;
        get(outcome, server, with);
        return outcome;
    }

    // Begins to wait for the best view that can be had soon.
    void wait_for_all(
        std::string& outcome, auth::ServerNumber server = 0, mcp::ClientCapabilities with = {}
    ) {
        gate.spawn(settled_into(*catalogue, server, with, wheel.now(), outcome));
        loop.settle();
    }

    int lists(auth::UpstreamNumber upstream) { return source.servers[upstream].lists; }

    std::size_t leases(auth::UpstreamNumber upstream) {
        return source.servers[upstream].leases.size();
    }
};

}  // namespace gw::test
