#include "upstream/stateless/subscription.hpp"

#include "async/deadline.hpp"
#include "base/json.hpp"
#include "mcp/member.hpp"
#include "upstream/stateless/subscription_stream.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

namespace gw::upstream {

namespace {

// The URI that a request names; nothing when it names none.
std::optional<std::string> uri_of(const mcp::Request& request) {
    const auto text = request.params.str();
    const auto uri = mcp::member(text, "uri");
    if (!uri.starts_with('"')) return {};
    return json::unquoted(uri);
}

mcp::Answer refusal(std::string_view text) {
    return mcp::Refused{Slice(R"({"code":-32602,"message":)" + json::quoted(text) + "}")};
}

// True when asking again for the same is of no use: the server does not know the method, or does
// not take what is asked for. Any other error may pass: a server that starts may answer such.
bool is_final(const mcp::Answer& answer) {
    const auto* refused = std::get_if<mcp::Refused>(&answer);
    if (refused == nullptr) return false;
    const auto error = json::Object::parse(refused->error.view());
    const auto code = error ? json::integer((*error)["code"]) : std::nullopt;
    return code == -32601 || code == -32602;  // JSON-RPC 2.0, 5.1.
}

std::unexpected<Error> closed() {
    return fail(Errc::cancelled, "the upstream session was closed");
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

struct Subscription::Waiter final : mcp::Withdrawable {
    Waiter(async::Loop& loop, SubscriptionFilter what) : wants(std::move(what)), told(loop) {}

    void withdraw() override {
        is_withdrawn = true;
        told.set();
    }

    const SubscriptionFilter wants;
    async::Event told;
    bool is_withdrawn = false;
    std::optional<Result<SubscriptionFilter>> outcome;  // What is honoured.
};

Task<> Subscription::hear(SubscriptionFilter changes) {
    const async::Visitors::Visit visit(inside_);
    changes.uris.clear();
    if (changes.is_empty()) co_return;
    want(changes);
    mcp::Nobody nobody;
    std::ignore = co_await wait(std::move(changes), wheel_.now() + changes_wait, nobody);
}

Task<Result<mcp::Answer>> Subscription::subscribe(
    const mcp::Request& request, mcp::Exchange& caller
) {
    const async::Visitors::Visit visit(inside_);
    const auto uri = uri_of(request);
    if (!uri) co_return refusal("\"uri\" must be a string");
    SubscriptionFilter one;
    one.uris.insert(*uri);
    const bool is_new = !wanted_.uris.contains(*uri);
    want(one);
    const auto honoured = co_await wait(one, request.deadline, caller);
    if (honoured && honoured->uris.contains(*uri)) co_return nothing();
    if (is_new) drop(one);
    if (!honoured) co_return std::unexpected(honoured.error());
    co_return refusal("the server does not send updates of this resource");
}

mcp::Answer Subscription::unsubscribe(const mcp::Request& request) {
    const auto uri = uri_of(request);
    if (!uri) return refusal("\"uri\" must be a string");
    SubscriptionFilter one;
    one.uris.insert(*uri);
    if (wanted_.uris.contains(*uri)) drop(one);
    return nothing();
}

void Subscription::want(const SubscriptionFilter& what) {
    wanted_ += what;
    fresh_ += what;
    refused_ -= what;
    change();
}

void Subscription::drop(const SubscriptionFilter& what) {
    for (auto* const filter : {&wanted_, &fresh_, &refused_, &lost_})
        *filter -= what;
    give_up_unwanted();
    change();
}

void Subscription::change() {
    ++version_;
    if (!std::exchange(is_kept_, true)) gate_.spawn(keep());
    news_.set();
}

// Waits until a request for it is acknowledged, or has failed.
Task<Result<SubscriptionFilter>> Subscription::wait(
    SubscriptionFilter wants, TimePoint until, mcp::Exchange& caller
) {
    if (inside_.is_shut()) co_return closed();
    const async::Deadline deadline(wheel_, until, co_await this_fiber());
    Waiter waiter(loop_, std::move(wants));
    waiting_.push_back(&waiter);
    caller.set_withdrawable(&waiter);
    std::ignore = co_await waiter.told.wait();
    caller.set_withdrawable(nullptr);
    std::erase(waiting_, &waiter);
    if (inside_.is_shut()) co_return closed();
    if (waiter.is_withdrawn) co_return fail(Errc::cancelled, "the request was withdrawn");
    if (!waiter.outcome) co_return deadline.stopped("Upstream server");
    co_return *std::move(waiter.outcome);
}

Task<> Subscription::keep() {
    auto& fiber = co_await this_fiber();
    while (!fiber.is_cancelled) {
        look_at_streams();
        give_up_unwanted();
        ask_for_missing();
        replace();
        tell_acknowledged();
        const async::Deadline deadline(wheel_, next_look(), fiber);
        co_await news_.wait();
    }
}

void Subscription::look_at_streams() {
    for (const auto& stream : Streams(streams_)) {
        if (stream->honoured && !stream->is_open) acknowledged(*stream);
    }
    Streams ended;
    std::erase_if(streams_, [&](const auto& stream) {
        if (stream->is_given_up()) return true;
        if (!stream->is_open && !stream->end && wheel_.now() >= stream->until) {
            stream->give_up();
            stream->end = fail(Errc::timed_out, "Upstream server did not answer in time").error();
        }
        if (stream->end) ended.push_back(stream);
        return stream->end.has_value();
    });
    for (const auto& stream : ended)
        has_ended(*stream);
}

void Subscription::acknowledged(Stream& stream) {
    stream.is_open = true;
    stream.opened_at = wheel_.now();
    for (const auto& old : std::exchange(stream.replaces, {}))
        old->give_up();
    auto missed = lost_ & stream.asked;
    if (missed.is_empty()) return;
    lost_ -= missed;
    // Of lists only those of which the server tells again. Of resources all: a client that is told
    // looks, and sees if the server tells nothing more.
    missed.tools = missed.tools && stream.honoured->tools;
    missed.prompts = missed.prompts && stream.honoured->prompts;
    missed.resources = missed.resources && stream.honoured->resources;
    gate_.spawn(tell_what_was_missed(std::move(missed)));
}

void Subscription::has_ended(const Stream& stream) {
    if (stream.is_open) {
        lost_ += stream.asked & wanted_;
        retry_later(stream);
    } else if (!stream.replaces.empty()) {
        return;  // They stay.
    } else if (stream.is_refused && stream.asked.size() > 1 && streams_.size() < streams_max - 1) {
        auto [first, second] = halves(stream.asked);
        start(std::move(first), stream.is_again);
        start(std::move(second), stream.is_again);
    } else {
        tell_failed(stream.asked, *stream.end);
        if (stream.is_final) refused_ += stream.asked & wanted_;
        if (!stream.is_final) retry_later(stream);
    }
}

// The pause grows when nothing came of asking again, and when what was acknowledged did not last.
void Subscription::retry_later(const Stream& stream) {
    const auto now = wheel_.now();
    if (now < retry_at_) return;
    if (stream.is_open && now - stream.opened_at > retry_max) {
        retry_ = retry_min;
    } else if (stream.is_open || stream.is_again) {
        retry_ = std::min(retry_ * 2, retry_max);
    }
    retry_at_ = now + retry_;
}

void Subscription::give_up_unwanted() {
    std::erase_if(streams_, [this](const auto& stream) {
        if (!(stream->asked & wanted_).is_empty()) return false;
        stream->give_up();
        return true;
    });
}

void Subscription::ask_for_missing() {
    auto missing = wanted_ - refused_;
    for (const auto& stream : streams_)
        missing -= stream->asked;
    auto fresh = std::exchange(fresh_, {}) & missing;
    missing -= fresh;
    if (!fresh.is_empty() && streams_.size() < streams_max) {
        start(std::move(fresh));
    } else if (!fresh.is_empty()) {
        constexpr auto why = "too many subscriptions wait for the upstream server";
        tell_failed(fresh, fail(Errc::too_many, why).error());
    }
    const bool may_ask = wheel_.now() >= retry_at_ && streams_.size() < streams_max;
    if (!missing.is_empty() && may_ask) start(std::move(missing), true);
}

// Puts one request in the place of those that are acknowledged, where they are many, or one of them
// tells too much. If the server does not acknowledge it they stay, until something else is wanted.
void Subscription::replace() {
    if (version_ == replaced_version_) return;
    SubscriptionFilter kept;
    Streams open;
    bool tells_too_much = false;
    for (const auto& stream : streams_) {
        if (!stream->replaces.empty()) return;
        if (!stream->is_open) continue;
        open.push_back(stream);
        kept += stream->asked & wanted_;
        const auto told = *stream->honoured & stream->asked;
        tells_too_much = tells_too_much || !(told - wanted_).is_empty();
    }
    if (!tells_too_much && open.size() <= apart_max) return;
    replaced_version_ = version_;
    start(std::move(kept), false, std::move(open));
}

void Subscription::start(SubscriptionFilter what, bool is_again, Streams replaces) {
    auto stream = std::make_shared<Stream>(std::move(what), *this, wheel_.now() + acknowledge_max);
    stream->is_again = is_again;
    stream->replaces = std::move(replaces);
    streams_.push_back(stream);
    gate_.spawn(run(std::move(stream)));
}

void Subscription::tell_acknowledged() {
    for (auto* const waiter : waiting_) {
        if (waiter->outcome) continue;
        const auto found = std::ranges::find_if(streams_, [waiter](const auto& stream) {
            return stream->is_open && !(stream->asked & waiter->wants).is_empty();
        });
        if (found == streams_.end()) continue;
        waiter->outcome = *(*found)->honoured;
        waiter->told.set();
    }
}

void Subscription::tell_failed(const SubscriptionFilter& what, const Error& why) {
    for (auto* const waiter : waiting_) {
        if (waiter->outcome || (waiter->wants & what).is_empty()) continue;
        waiter->outcome = std::unexpected(why);
        waiter->told.set();
    }
}

// When keep() has something to do, even if nothing happens before.
TimePoint Subscription::next_look() const {
    auto next = retry_at_ > wheel_.now() ? retry_at_ : TimePoint::max();
    for (const auto& stream : streams_) {
        if (!stream->is_open) next = std::min(next, stream->until);
    }
    return next;
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
        stream->is_refused = std::holds_alternative<mcp::Refused>(*answer);
        stream->is_final = is_final(*answer);
    }
    news_.set();
}

Task<> Subscription::close() {
    inside_.shut();
    for (auto* const waiter : waiting_)
        waiter->told.set();
    co_await gate_.close();
    co_await inside_.close();
}

// Tells changes of lists and resources that may have happened while nothing was heard, so that
// whoever is concerned looks.
Task<> Subscription::tell_what_was_missed(SubscriptionFilter what) {
    const auto tell = [this](std::string_view method) {
        return outside_.notify({.method = method, .params = {}});
    };
    if (what.tools) std::ignore = co_await tell("notifications/tools/list_changed");
    if (what.prompts) std::ignore = co_await tell("notifications/prompts/list_changed");
    if (what.resources) std::ignore = co_await tell("notifications/resources/list_changed");
    for (const auto& uri : what.uris) {
        const auto params = R"({"uri":)" + json::quoted(uri) + "}";
        std::ignore =
            co_await outside_.notify({.method = "notifications/resources/updated", .params = params}
            );
    }
}

}  // namespace gw::upstream
