#include "upstream/stateless/subscription.hpp"

#include "async/deadline.hpp"
#include "base/json.hpp"
#include "upstream/stateless/subscription_stream.hpp"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

namespace gw::upstream {

namespace {

// The URI that a request names; nothing when it names none.
std::optional<std::string> uri_of(const mcp::Request& request) {
    const auto text = request.params.str();
    const auto params = json::Object::parse(text);
    auto uri = params ? params->string("uri") : Result<std::string>(fail(Errc::invalid_params, ""));
    if (!uri) return {};
    return std::move(*uri);
}

mcp::Answer refusal(std::string_view text) {
    return mcp::Refused{Slice(R"({"code":-32602,"message":)" + json::quoted(text) + "}")};
}

// Whether asking again for the same is of no use: the server does not know the method, or does not
// take what is asked for. Any other error may pass; a server says such while it starts.
bool is_final(const mcp::Answer& answer) {
    const auto* refused = std::get_if<mcp::Refused>(&answer);
    if (refused == nullptr) return false;
    const auto error = json::Object::parse(refused->error.view());
    const auto code = error ? json::integer((*error)["code"]) : std::nullopt;
    return code == -32601 || code == -32602;  // JSON-RPC 2.0, 5.1.
}

mcp::Answer nothing() {
    return mcp::Completed{Slice(std::string("{}")), {}};
}

}  // namespace

Subscription::Subscription(
    async::Loop& loop, async::Wheel& wheel, Source& source, mcp::Exchange& outside
)
    : loop_(loop),
      wheel_(wheel),
      source_(source),
      outside_(outside),
      gate_(loop),
      inside_(loop),
      news_(loop) {}

Task<> Subscription::hear(SubscriptionFilter changes) {
    const async::Visitors::Visit visit(inside_);
    wanted_.tools = changes.tools;
    wanted_.prompts = changes.prompts;
    wanted_.resources = changes.resources;
    if (wanted_.is_empty()) co_return;
    change();
    std::ignore = co_await wait_until_open(version_, wheel_.now() + changes_wait);
}

Task<Result<mcp::Answer>> Subscription::subscribe(const mcp::Request& request) {
    const async::Visitors::Visit visit(inside_);
    const auto uri = uri_of(request);
    if (!uri) co_return refusal("\"uri\" must be a string");
    if (wanted_.uris.insert(*uri).second) change();
    const auto opened = co_await wait_until_open(version_, request.deadline);
    if (opened && stream_ && stream_->honoured->uris.contains(*uri)) co_return nothing();
    wanted_.uris.erase(*uri);  // Not worth another request.
    if (!opened) co_return std::unexpected(opened.error());
    co_return refusal("the server does not send updates of this resource");
}

Task<Result<mcp::Answer>> Subscription::unsubscribe(const mcp::Request& request) {
    const async::Visitors::Visit visit(inside_);
    const auto uri = uri_of(request);
    if (!uri) co_return refusal("\"uri\" must be a string");
    if (wanted_.uris.erase(*uri) > 0) {
        change();
        GW_CO_DO(co_await wait_until_open(version_, request.deadline));
    }
    co_return nothing();
}

void Subscription::change() {
    ++version_;
    if (!std::exchange(is_kept_, true)) gate_.spawn(keep());
    news_.set();
}

// Waits until what was wanted at `version` is acknowledged, or cannot be.
Task<Result<void>> Subscription::wait_until_open(std::uint64_t version, TimePoint until) {
    const async::Deadline deadline(wheel_, until, co_await this_fiber());
    async::Event changed(loop_);
    waiting_.push_back(&changed);
    bool was_woken = true;
    while (was_woken && !inside_.is_shut() && !(stream_ && stream_->version >= version)) {
        if (tried_version_ >= version && (failure_ || wanted_.is_empty())) break;
        was_woken = co_await changed.wait();
    }
    std::erase(waiting_, &changed);
    if (inside_.is_shut()) co_return fail(Errc::cancelled, "the upstream session was closed");
    if (!was_woken) co_return deadline.stopped("Upstream server");
    if (!(stream_ && stream_->version >= version) && failure_) co_return std::unexpected(*failure_);
    co_return Result<void>();
}

void Subscription::wake() {
    for (auto* waiting : waiting_)
        waiting->set();
}

bool Subscription::is_done() const {
    if (tried_version_ < version_) return false;
    if (stream_ && stream_->version == version_) return !stream_->end;
    return wanted_.is_empty() || is_refused_;
}

Task<> Subscription::keep() {
    auto& fiber = co_await this_fiber();
    while (!fiber.is_cancelled) {
        if (is_done()) {
            co_await news_.wait();
        } else if (stream_ && stream_->end) {
            // How long it lived tells whether the pause has to grow.
            const bool was_long = wheel_.now() - stream_->opened_at > retry_max;
            retry_ = was_long ? retry_min : std::min(retry_ * 2, retry_max);
            retry_at_ = wheel_.now() + retry_;
            was_lost_ = true;
            stream_.reset();
        } else if (tried_version_ == version_ && wheel_.now() < retry_at_) {
            co_await pause();
        } else {
            co_await open();
        }
    }
}

// Until it is time to try again, or something else is wanted.
Task<> Subscription::pause() {
    const async::Deadline deadline(wheel_, retry_at_, co_await this_fiber());
    co_await news_.wait();
}

// Makes a request for what is wanted now, in the place of the one before.
Task<> Subscription::open() {
    tried_version_ = version_;
    failure_.reset();
    is_refused_ = false;
    std::shared_ptr<Stream> next;
    if (!wanted_.is_empty()) {
        next = std::make_shared<Stream>(wanted_, version_, outside_, news_);
        gate_.spawn(run(next));
        const async::Deadline deadline(
            wheel_, wheel_.now() + acknowledge_max, co_await this_fiber()
        );
        while (!next->honoured && !next->end && co_await news_.wait()) {
        }
        if (!next->honoured) {
            next->give_up();
            failure_ = next->end ? *next->end : deadline.stopped("Upstream server").error();
            is_refused_ = next->is_refused;
            retry_ = std::min(retry_ * 2, retry_max);
            retry_at_ = wheel_.now() + retry_;
            co_return wake();
        }
        next->opened_at = wheel_.now();
    }
    if (stream_) stream_->give_up();
    stream_ = std::move(next);
    wake();
    if (stream_ && std::exchange(was_lost_, false)) co_await tell_what_was_missed();
}

Task<> Subscription::run(std::shared_ptr<Stream> stream) {
    const auto params = R"({"notifications":)" + to_json(stream->asked) + "}";
    const mcp::Request request{
        .method = "subscriptions/listen", .params = std::string_view(params)
    };
    const auto answer = co_await source_.listen(request, *stream);
    if (!answer) {
        stream->end = answer.error();
    } else {
        stream->end = {
            Errc::upstream_failed, "upstream does not send change notifications", {}, {}
        };
        stream->is_refused = is_final(*answer);
    }
    news_.set();
}

Task<> Subscription::close() {
    inside_.shut();
    wake();
    co_await gate_.close();
    co_await inside_.close();
}

// Lists and resources may have changed while nobody heard of it; whoever hears this looks. So he
// does at a resource of which the server tells nothing any more.
Task<> Subscription::tell_what_was_missed() {
    const auto honoured = *stream_->honoured;
    const auto uris = stream_->asked.uris;
    const auto tell = [this](std::string_view method) {
        return outside_.notify({.method = method, .params = {}});
    };
    if (honoured.tools) std::ignore = co_await tell("notifications/tools/list_changed");
    if (honoured.prompts) std::ignore = co_await tell("notifications/prompts/list_changed");
    if (honoured.resources) std::ignore = co_await tell("notifications/resources/list_changed");
    for (const auto& uri : uris) {
        const auto params = R"({"uri":)" + json::quoted(uri) + "}";
        std::ignore =
            co_await outside_.notify({.method = "notifications/resources/updated", .params = params}
            );
    }
}

}  // namespace gw::upstream
