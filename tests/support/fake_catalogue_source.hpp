#pragma once

#include "async/event.hpp"
#include "gateway/catalogue.hpp"
#include "mcp/capabilities.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gw::test {

// Upstream servers that list what a test says, when it says so.
class FakeCatalogueSource final : public gateway::CatalogueSource {
public:
    struct Server {
        catalog::ListingHandle listing;  // Null: it fails.
        mcp::Route route = {};
        bool is_silent = false;  // It does not answer until answer().
        bool is_process = false;
        Eras spoken = {};
        bool says_changed = false;   // That its tools have changed, whenever it is asked.
        bool knows_clients = false;  // It lists one tool more to clients with roots.
        int lists = 0;               // How often it was asked.
        int opened = 0;              // How many sessions it has had.
        // What each lease that has not been closed is told of a change by.
        std::map<int, Changed> leases;
        std::optional<async::Event> answers;
    };

    explicit FakeCatalogueSource(async::Loop& loop) : loop_(loop) {}

    std::map<auth::UpstreamNumber, Server> servers;

    // A server may have changed; or it says what has.
    void change(auth::UpstreamNumber upstream, std::string_view method = {}) {
        for (auto& [number, changed] : servers[upstream].leases)
            changed(method);
    }

    // A server that was silent answers what it was asked.
    void answer(auth::UpstreamNumber upstream) {
        servers[upstream].is_silent = false;
        servers[upstream].answers->set();
    }

    std::unique_ptr<gateway::CatalogueLease> open(
        auth::UpstreamNumber upstream, const mcp::ClientCapabilities& capabilities, Changed changed
    ) override {
        auto& server = servers[upstream];
        ++server.opened;
        server.leases.emplace(next_lease_, std::move(changed));
        if (!server.answers) server.answers.emplace(loop_);
        return std::make_unique<Lease>(server, next_lease_++, capabilities);
    }

    Eras spoken(auth::UpstreamNumber upstream) const override {
        return servers.at(upstream).spoken;
    }

    // The secret of each server is "secret-" and its number.
    std::string without_secrets(auth::UpstreamNumber upstream, std::string_view line)
        const override {
        const auto secret = "secret-" + std::to_string(upstream);
        std::string text(line);
        const auto at = text.find(secret);
        return at == text.npos ? text : text.replace(at, secret.size(), "***");
    }

private:
    class Lease final : public gateway::CatalogueLease {
    public:
        Lease(Server& server, int number, const mcp::ClientCapabilities& capabilities)
            : server_(server), number_(number), capabilities_(capabilities) {}

        Task<Result<catalog::ListingHandle>> list() override {
            ++server_.lists;
            while (server_.is_silent) {
                if (!co_await server_.answers->wait()) co_return fail(Errc::cancelled, "withdrawn");
            }
            if (server_.route.leads_back) co_return fail(Errc::upstream_failed, "a loop");
            if (!server_.listing) co_return fail(Errc::upstream_failed, "gone", "refused");
            for (auto& [number, changed] : server_.leases) {
                if (server_.says_changed) changed("notifications/tools/list_changed");
            }
            if (!server_.knows_clients || !capabilities_.roots) co_return server_.listing;
            auto listing = *server_.listing;
            listing.items[0].push_back({"roots", R"({"name":"roots"})"});
            co_return std::make_shared<const catalog::Listing>(std::move(listing));
        }

        const mcp::Route& route() const override { return server_.route; }

        bool is_process() const override { return server_.is_process; }

        Task<> close() override {
            server_.leases.erase(number_);
            co_return;
        }

    private:
        Server& server_;
        int number_;
        mcp::ClientCapabilities capabilities_;
    };

    async::Loop& loop_;
    int next_lease_ = 0;
};

}  // namespace gw::test
