#include "async/deadline.hpp"
#include "async/sleep.hpp"
#include "base/json.hpp"
#include "upstream/lease.hpp"

#include <algorithm>
#include <utility>

// How a Lease opens and closes its link, and what a link that is opened again has to be told.
namespace gw::upstream {

namespace {

std::string set_level_params(mcp::LogLevel level) {
    return R"({"level":")" + std::string(to_string(level)) + R"("})";
}

}  // namespace

// One call opens the link, the others wait for it.
Task<Result<void>> Lease::ensure_open() {
    while (is_opening_) {
        async::Event opened(around_.shard);
        opening_.push_back(&opened);
        const bool was_opened = co_await opened.wait();
        std::erase(opening_, &opened);
        if (!was_opened) co_return fail(Errc::timed_out, "Upstream server did not answer in time");
    }
    if (link_ && link_->is_usable()) co_return Result<void>();
    if (link_) drop_link();
    is_opening_ = true;
    auto opened = co_await open();
    is_opening_ = false;
    for (auto* waiting : opening_)
        waiting->set();
    co_return opened;
}

Task<Result<void>> Lease::open() {
    const async::Deadline deadline(
        around_.shard.wheel(),
        around_.shard.now() + around_.limits.list_timeout,
        co_await this_fiber()
    );
    link_ = make_link_(declared_);
    ++generation_;
    auto result = co_await link_->open(initialize_params_);
    if (result) {
        auto profile = catalog::parse_profile(result->view());
        if (!profile) {
            drop_link();
            co_return fail(
                Errc::upstream_failed, "upstream answered initialize wrongly", profile.error().text
            );
        }
        profile_ = std::move(*profile);
        profile_.is_stateless = link_->is_stateless();
        if (profile_.is_stateless) profile_.core_tasks = {};
        auto restored = co_await restore();
        if (restored) co_return restored;
        result = std::unexpected(std::move(restored).error());
    }
    drop_link();
    if (deadline.has_expired()) co_return deadline.stopped("Upstream server");
    co_return std::unexpected(std::move(result).error());
}

Task<Result<void>> Lease::restore() {
    mcp::Nobody nobody;
    if (log_level_ && profile_.has_logging) {
        const auto params = set_level_params(*log_level_);
        const mcp::Request request{
            .method = "logging/setLevel", .params = std::string_view(params)
        };
        GW_CO_DO(co_await link_->call(request, nobody));
    }
    const auto wanted = subscriptions_;
    for (const auto& uri : wanted) {
        const auto params = R"({"uri":)" + uri + "}";
        const mcp::Request request{
            .method = "resources/subscribe", .params = std::string_view(params)
        };
        GW_CO_DO(co_await link_->call(request, nobody));
    }
    co_return Result<void>();
}

// Others with the same session may want less; whoever gets the messages leaves those out.
Task<> Lease::raise_log_level(mcp::LogLevel wanted) {
    log_level_ = wanted;
    mcp::Nobody nobody;
    const auto params = set_level_params(wanted);
    const mcp::Request request{
        .method = "logging/setLevel",
        .params = std::string_view(params),
        .deadline = around_.shard.now() + around_.limits.list_timeout
    };
    if (const auto answer = co_await link_->call(request, nobody); !answer) {
        around_.log(config_.name, "did not set the log level: " + answer.error().text);
    }
}

// What has to be restored when the session is opened again.
void Lease::remember(const mcp::Request& request) {
    const auto text = request.params.str();  // What is parsed are views into it.
    const auto params = json::Object::parse(text);
    if (!params) return;
    const std::string uri((*params)["uri"]);
    if (request.method == "resources/subscribe") subscriptions_.insert(uri);
    if (request.method == "resources/unsubscribe") subscriptions_.erase(uri);
    if (request.method == "logging/setLevel") {
        log_level_ = mcp::parse_log_level(params->string("level").value_or(""));
    }
}

void Lease::drop_link() {
    if (link_) gate_.spawn(retire(std::move(link_)));
}

Task<> Lease::retire(std::unique_ptr<Link> link) {
    co_await link->close();
}

Task<> Lease::close() {
    drop_link();
    auto& fiber = co_await this_fiber();
    while (gate_.running() > 0 || running_ > 0 || link_) {
        drop_link();  // A call may have been about to open it.
        const async::Shield shield(fiber);
        co_await async::sleep_until(
            around_.shard, around_.shard.wheel(), around_.shard.now() + async::Wheel::tick
        );
    }
}

}  // namespace gw::upstream
