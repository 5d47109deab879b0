#include "upstream/session/catalogue_source.hpp"

#include "upstream/ground/secrets.hpp"
#include "upstream/lease/lease.hpp"

#include <utility>

namespace gw::upstream {

namespace {

// Hears of changes; has no client to ask.
class Own final : public gateway::CatalogueLease, mcp::Exchange {
public:
    Own(Hub& hub,
        auth::UpstreamNumber upstream,
        ReachedHandle server,
        const mcp::ClientCapabilities& capabilities,
        gateway::CatalogueSource::Changed changed)
        : server_(std::move(server)),
          changed_(std::move(changed)),
          lease_(
              hub.around(),
              config_of(server_),
              capabilities,
              [this, &hub, upstream](LinkPurpose purpose) {
                  purpose.hears_changes = true;
                  purpose.give_up = [this] { return lease_.give_up(); };
                  return hub.make_link(upstream, *server_, purpose, *this);
              }
          ) {
        lease_.keep_open([this] { changed_({}); });
    }

    // A gateway tells where it leads only when it is connected to. It may lead elsewhere by now, so
    // it is connected to anew.
    Task<Result<catalog::ListingHandle>> list() override {
        if (!lease_.route().instances.empty()) lease_.drop();
        return lease_.list(*this);
    }

    const mcp::Route& route() const override { return lease_.route(); }

    bool is_process() const override { return server_->config().transport == Transport::stdio; }

    Task<> close() override { return lease_.close(); }

private:
    Task<Result<void>> notify(mcp::Notification notification) override {
        if (notification.method.ends_with("/list_changed")) changed_(notification.method);
        co_return Result<void>();
    }

    Task<Result<mcp::Answer>> ask(mcp::ServerRequest request) override {
        // Some servers ask for roots as soon as they are connected; there are none here.
        if (request.method == "roots/list") {
            co_return mcp::Completed{Slice(std::string(R"({"roots":[]})")), {}};
        }
        co_return fail(Errc::capability_missing, "nobody can be asked");
    }

    const ReachedHandle server_;
    gateway::CatalogueSource::Changed changed_;
    Lease lease_;
};

}  // namespace

std::unique_ptr<gateway::CatalogueLease> HubCatalogueSource::open(
    auth::UpstreamNumber upstream, const mcp::ClientCapabilities& capabilities, Changed changed
) {
    return std::make_unique<Own>(
        hub_, upstream, hub_.reach(upstream), capabilities, std::move(changed)
    );
}

gateway::CatalogueSource::Eras HubCatalogueSource::spoken(auth::UpstreamNumber upstream) const {
    const auto server = hub_.reach(upstream);
    if (!server) return {};
    const auto& verdict = server->verdict();
    return {verdict.has_spoken(Era::sessions), verdict.has_spoken(Era::stateless)};
}

std::string HubCatalogueSource::without_secrets(
    auth::UpstreamNumber upstream, std::string_view line
) const {
    const auto server = hub_.reach(upstream);
    return server ? upstream::without_secrets(server->config(), line) : std::string(line);
}

}  // namespace gw::upstream
