#include "upstream/duplex/duplex.hpp"

#include "base/assert.hpp"
#include "base/json.hpp"
#include "jsonrpc/message.hpp"
#include "mcp/cancellation.hpp"
#include "mcp/outgoing.hpp"
#include "upstream/duplex/duplex_call.hpp"
#include "upstream/ground/handshake.hpp"
#include "upstream/ground/incoming.hpp"
#include "upstream/stateless/stateless_terms.hpp"

#include <algorithm>
#include <utility>

namespace gw::upstream {

namespace {

constexpr std::string_view server = "Upstream server";

}  // namespace

Duplex::Duplex(
    async::Loop& loop,
    async::Wheel& wheel,
    const Limits& limits,
    BoundedLog& log,
    Outlet& outlet,
    mcp::Exchange& outside
)
    : loop_(loop),
      wheel_(wheel),
      limits_(limits),
      log_(log),
      outlet_(outlet),
      outside_(outside),
      gate_(loop),
      inside_(loop),
      outside_news_(loop),
      room_(loop) {}

Duplex::~Duplex() = default;

Task<Result<Slice>> Duplex::open(std::string_view params) {
    auto answer = co_await initialize(params);
    GW_CO_DO(check_initialized(answer));
    confirm();
    co_return std::move(std::get<mcp::Completed>(*answer).result);
}

Task<Result<mcp::Answer>> Duplex::initialize(std::string_view params) {
    gate_.spawn(serve_outside());
    const mcp::Request request{.method = "initialize", .params = params, .progress_token = {}};
    co_return co_await call(request, outside_);
}

Task<Result<mcp::Answer>> Duplex::discover(StatelessTerms& terms) {
    const mcp::Request request{.method = "server/discover", .params = {}};
    co_return co_await call(request, outside_, &terms);
}

void Duplex::confirm() {
    send(jsonrpc::notification("notifications/initialized", {}));
}

Task<Result<mcp::Answer>> Duplex::call(
    const mcp::Request& request, mcp::Exchange& caller, StatelessTerms* terms
) {
    const auto id = next_id_++;
    DuplexCall call(*this, id, caller, co_await this_fiber());
    call.method = request.method;
    // MCP, basic/lifecycle: initialize "MUST NOT be cancelled by clients"; and a server that does
    // not know server/discover may not know that either before it is initialized.
    call.is_handshake = request.method == "initialize" || request.method == "server/discover";
    call.wants_progress = !request.progress_token.empty();
    if (terms != nullptr) {
        call.terms = terms;
        call.shares_session = request.shares_session;
        call.declared = terms->declared_with(request);
        call.log_level = terms->level_of(request);
    }
    call.is_repeatable = request.is_repeatable;
    call.is_repetition = request.is_repetition;
    GW_CO_DO(outlet_.send(render(id, request, terms), id));
    call.deadline.emplace(wheel_, request.deadline, call.fiber);
    call.clock.set(*call.deadline, request.deadline - wheel_.now(), request.deadline_max);
    calls_.push_back(&call);
    if (!call.is_handshake) caller.set_withdrawable(&call);
    while (!call.outcome || !call.inbox.empty()) {
        bool is_stopped = false;  // By our deadline, or from outside: by one of the caller's.
        if (!call.inbox.empty()) {
            co_await deliver(take(call.inbox), caller);
            is_stopped = call.deadline->has_expired() || call.fiber.is_cancelled;
        } else {
            is_stopped = !co_await call.news.wait();
        }
        if (is_stopped && !call.outcome) call.abandon(call.deadline->stopped(server).error());
    }
    if (!call.is_handshake) caller.set_withdrawable(nullptr);
    call.deadline.reset();
    leave(call);
    while (call.questions > 0) {
        const async::Shield shield(call.fiber);
        co_await call.news.wait();
    }
    co_return *std::move(call.outcome);
}

// Takes the call out, so that nothing more comes to it; tells the server if it was abandoned; ends
// the questions that its caller is still asked.
void Duplex::leave(DuplexCall& call) {
    std::erase(calls_, &call);
    clear(call.inbox);
    if (is_congested_) room_.set();
    if (call.is_abandoned && !call.is_handshake) {
        if (call.terms != nullptr && call.method != listen_method) note_stray(call);
        const auto& why = call.outcome->error().text;
        notify(
            "notifications/cancelled",
            mcp::cancelled_params(
                std::to_string(call.id), call.reason().empty() ? why : call.reason()
            )
        );
    }
    for (auto& question : questions_) {
        if (question.call != &call) continue;
        if (question.state == Question::State::open) question.state = Question::State::call_ended;
        if (question.fiber != nullptr) question.fiber->cancel();
    }
}

Buffer Duplex::render(CallId id, const mcp::Request& request, StatelessTerms* terms) {
    const auto number = std::to_string(id);
    Buffer out;
    out.prepare(request.params.original().size() + request.method.size() + 64);
    out.append(jsonrpc::before_id).append(number);
    out.append(R"(,"method":)").append(json::quoted(request.method));
    if (terms != nullptr) {
        out.append(R"(,"params":)");
        terms->with_envelope(request, number).append_to(out);
        return std::move(out.append("}"));
    }
    if (request.params.empty()) return std::move(out.append("}"));
    out.append(R"(,"params":)");
    if (mcp::differs_for_sessions(request)) {
        mcp::session_params(request, number).append_to(out);
    } else {
        request.params.append_to(out);
    }
    return std::move(out.append("}"));
}

void Duplex::send(std::string_view message) {
    // If this cannot be sent, the link is about to fail anyway.
    std::ignore = outlet_.send(std::move(Buffer().append(message)), std::nullopt);
}

void Duplex::notify(std::string_view method, std::string_view params) {
    send(jsonrpc::notification(method, params));
}

void Duplex::fail(CallId call, Error error) {
    const auto found = std::ranges::find(calls_, call, &DuplexCall::id);
    if (found == calls_.end()) return;
    const bool is_lost = error.kind == Errc::unknown_session;
    if (is_lost && (*found)->has_begun()) error.kind = Errc::upstream_failed;
    (*found)->end(std::unexpected(std::move(error)));
}

void Duplex::fail_all(const Error& error) {
    is_over_ = true;
    for (auto* call : calls_)
        call->end(std::unexpected(error));
}

DuplexMessage Duplex::take(Inbox& from) {
    if (is_congested_) room_.set();
    return from.pop();
}

// Waits until no inbox is full.
Task<> Duplex::relieve() {
    auto& fiber = co_await this_fiber();
    const auto patience = is_shared_ ? stall_shared_max : stall_max;
    const async::Deadline deadline(wheel_, wheel_.now() + patience, fiber);
    const auto is_full = [](const DuplexCall* call) { return call->inbox.is_full(); };
    while (outside_inbox_.is_full() || std::ranges::any_of(calls_, is_full)) {
        if (co_await room_.wait()) continue;
        if (!deadline.has_expired()) co_return;
        if (outside_inbox_.is_full()) {
            log_.write("what it sent outside of calls was dropped: nobody takes it");
            clear(outside_inbox_);
        }
        for (auto* call : calls_) {
            if (!is_full(call)) continue;
            call->abandon({Errc::cancelled, "the client did not take what the server sent", {}, {}}
            );
        }
    }
    is_congested_ = false;
}

Task<> Duplex::share() {
    is_shared_ = true;
    co_await gate_.close();
    clear(outside_inbox_);
}

void Duplex::end_calls(const StatelessTerms& terms, const Error& why) {
    for (auto* call : calls_) {
        if (call->terms != &terms) continue;
        if (!call->outcome) call->abandon(why);
        call->clock.end();
        call->is_left = true;
    }
    // Other terms may come to stand where these were.
    for (auto& stray : strays_) {
        if (stray.of == &terms) stray.of = nullptr;
    }
}

void Duplex::note_stray(const DuplexCall& call) {
    if (strays_.size() == strays_max) {
        crowded_until_ = strays_.front().until;
        strays_.pop_front();
    }
    strays_.push_back({call.id, call.is_left ? nullptr : call.terms, wheel_.now() + stray_max});
}

// The server is not at work any more at the call that has this id, in JSON.
void Duplex::forget_stray(std::string_view id) {
    const auto number = json::integer(id);
    std::erase_if(strays_, [&](const Stray& stray) { return stray.id == number; });
}

Task<> Duplex::close(Error why) {
    inside_.shut();
    fail_all(why);
    for (auto* call : calls_)
        call->clock.end();  // What goes to the caller at the moment is not waited for.
    co_await inside_.close();
    co_await gate_.close();
    clear(outside_inbox_);
}

}  // namespace gw::upstream
