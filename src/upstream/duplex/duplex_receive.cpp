#include "base/json.hpp"
#include "base/unicode.hpp"
#include "jsonrpc/message.hpp"
#include "upstream/duplex/duplex.hpp"
#include "upstream/duplex/duplex_call.hpp"
#include "upstream/ground/incoming.hpp"
#include "upstream/ground/request_ids.hpp"
#include "upstream/ground/sent_again.hpp"
#include "upstream/stateless/stateless_terms.hpp"
#include "upstream/stateless/stateless_words.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

// What the server sends, and where it goes.
namespace gw::upstream {

using mcp::Part;

namespace {

constexpr std::size_t batch_max = 1000;
constexpr std::size_t shown_max = 100;  // Bytes of what is no message, in the log.

}  // namespace

void Duplex::receive(Buffer text, std::shared_ptr<void> hold) {
    if (inside_.is_shut()) return;
    const auto view = text.view();
    const auto first = view.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return;
    if (view[first] != '[') return receive_one(std::move(text), std::move(hold));
    const auto batch = json::elements(view, batch_max);
    if (!batch) return log_.write("sent a broken batch of messages");
    for (const auto element : *batch)
        receive_one(std::move(Buffer().append(element)), hold);
}

void Duplex::receive_one(Buffer text, std::shared_ptr<void> hold) {
    DuplexMessage message{.text = std::move(text), .scan = {}};
    if (auto valid = mcp::scan(message.text.view(), message.scan, limits_.depth_max); !valid) {
        const auto begin = utf8_prefix(message.text.view(), shown_max);
        log_.write("sent what is no message (" + valid.error().text + "): " + std::string(begin));
        // If its id can be read, its call has no better answer to wait for.
        if (auto* call = find(as_asked(mcp::id_of_broken(message.text.view())))) {
            call->end(broken_message(valid.error()));
        }
        return;
    }
    if (message.scan.is_response()) return receive_answer(std::move(message), std::move(hold));
    if (message.scan.is_request()) return receive_request(std::move(message));
    receive_notification(std::move(message));
}

void Duplex::receive_answer(DuplexMessage message, std::shared_ptr<void> hold) {
    const auto id = as_asked(message.scan[Part::id].of(message.text.view()));
    auto* call = find(id);
    if (call == nullptr) {
        forget_stray(id);
        return log_.write("sent an answer to no running request of ours");
    }
    const auto text = message.text.view();
    if (call->terms == nullptr && message.scan.has(Part::error)) {
        const auto code = json::integer(message.scan[Part::error_code].of(text));
        if (code && may_lack_sessions(*code)) outlet_.doubt();
    }
    Slice response(std::move(message.text), text);
    Result<mcp::Answer> answer = outcome_of(*call, std::move(response), message.scan);
    auto* completed = answer ? std::get_if<mcp::Completed>(&*answer) : nullptr;
    if (completed != nullptr) completed->hold = std::move(hold);
    call->end(std::move(answer));
}

Result<mcp::Answer> Duplex::outcome_of(
    const DuplexCall& call, Slice response, const mcp::Scan& scan
) {
    if (call.terms == nullptr) return to_answer(std::move(response), scan);
    const auto code = json::integer(scan[Part::error_code].of(response.view()));
    auto outcome = to_outcome(std::move(response), scan, call.method, call.declared);
    auto* refused = outcome ? std::get_if<mcp::Refused>(&*outcome) : nullptr;
    if (refused == nullptr || call.is_repetition) return outcome;
    // There is no HTTP status here: to the table an error is a 400 with the request's id.
    const auto then = what_then(
        {.era = Era::stateless,
         .status = 400,
         .body = RefusalBody::own_error,
         .code = code,
         .was_heard = call.has_begun()}
    );
    refused->may_repeat = then == Then::declares_tasks;
    return outcome;
}

// Passes a notification to the call that it belongs to, by its token or its kind. One that says
// neither goes to the call that runs, if there is only one: it most likely comes from there.
void Duplex::receive_notification(DuplexMessage message) {
    const auto raw = [&](Part part) { return message.scan[part].of(message.text.view()); };
    const auto method = json::unquoted(raw(Part::method));
    if (era_ == Era::stateless) return receive_stateless(std::move(message), method);
    if (method == "notifications/cancelled") {
        return withdraw_question(questions_, raw(Part::request_id), raw(Part::reason));
    }
    if (method == "notifications/progress") {
        // Progress of a task comes when its call is long over: it is none of a running call.
        auto* call = find(raw(Part::notified_token));
        if (call != nullptr) return push_progress(*call, std::move(message));
        count_as_heard();
        return push(nullptr, std::move(message));
    }
    if (is_of_no_call(method)) return push(nullptr, std::move(message));
    count_as_heard();
    push(only_call(), std::move(message));
}

// 2026-07-28, basic/transports/stdio: notifications of a subscription carry its id, and no others
// come but those that requests asked for. A log message names no request, so it goes to the first
// call that wants such.
void Duplex::receive_stateless(DuplexMessage message, std::string_view method) {
    const auto raw = [&](Part part) { return message.scan[part].of(message.text.view()); };
    if (auto* stream = find_stream(raw(Part::subscription_id))) {
        return push(stream, std::move(message));
    }
    if (method == "notifications/cancelled") {
        if (auto* stream = find_stream(raw(Part::request_id))) {
            stream->end(gw::fail(Errc::upstream_failed, "upstream ended the subscription"));
        }
        return;
    }
    if (is_outside(method)) return;
    if (method == "notifications/progress") {
        auto* call = find(raw(Part::notified_token));
        if (call != nullptr) push_progress(*call, std::move(message));
        return;
    }
    count_as_heard();
    auto* call = method == "notifications/message" ? first_that_logs(message) : only_call();
    if (call != nullptr && !is_doubtful()) push(call, std::move(message));
}

// A message that names no request may be of any call that the server works on. True when those
// calls are of several clients: then nobody gets it, because it may hold what is for another.
bool Duplex::is_doubtful() {
    const DuplexCall* only = nullptr;
    for (const auto* call : calls_) {
        if (call->method == listen_method) continue;
        if (only != nullptr && (only->terms != call->terms || call->shares_session)) return true;
        only = call;
    }
    const auto now = wheel_.now();
    while (!strays_.empty() && strays_.front().until <= now)
        strays_.pop_front();
    if (now < crowded_until_) return true;
    return std::ranges::any_of(strays_, [&](const Stray& stray) {
        return only == nullptr || only->shares_session || stray.of != only->terms;
    });
}

// A message that names no call may be of any that runs, so each of them counts as begun.
void Duplex::count_as_heard() {
    for (auto* call : calls_)
        call->was_heard = true;
}

void Duplex::push_progress(DuplexCall& call, DuplexMessage message) {
    call.was_heard = true;
    if (!call.wants_progress) return;
    call.clock.extend(wheel_.now());
    push(&call, std::move(message));
}

// The request for a subscription that has this id.
DuplexCall* Duplex::find_stream(std::string_view id) {
    auto* call = find(id);
    return call != nullptr && call->method == listen_method ? call : nullptr;
}

DuplexCall* Duplex::first_that_logs(const DuplexMessage& message) {
    const auto found = std::ranges::find_if(calls_, [&](const DuplexCall* call) {
        return !call->outcome && is_severe(message.text.view(), message.scan, call->log_level);
    });
    return found != calls_.end() ? *found : nullptr;
}

void Duplex::receive_request(DuplexMessage message) {
    const auto id = message.scan[Part::id].of(message.text.view());
    if (era_ == Era::stateless) {
        log_.write("sent a request, which its revision does not have");
        return refuse(message, {Errc::capability_missing, "not in this revision", {}, {}});
    }
    if (json::spells(message.scan[Part::method].of(message.text.view()), "ping")) {
        Buffer out;
        jsonrpc::append_result(out, id, "{}");
        return send(out.view());
    }
    if (std::ranges::find(questions_, id, &Question::id) != questions_.end()) {
        return log_.write("sent two requests with the same id");
    }
    if (questions_.size() >= questions_max) {
        return refuse(message, {Errc::too_many, "too many requests at a time", {}, {}});
    }
    count_as_heard();
    auto* call = only_call();
    auto& asked = call != nullptr ? call->caller : outside_;
    if (call != nullptr) ++call->questions;
    questions_.push_back({{.id = std::string(id)}, call, asked});
    message.question = &questions_.back();
    push(call, std::move(message));
}

// The running call with this id, in JSON; null for any other value.
DuplexCall* Duplex::find(std::string_view id) {
    const auto number = json::integer(id);
    if (!number) return nullptr;
    const auto found = std::ranges::lower_bound(calls_, *number, {}, &DuplexCall::id);
    if (found == calls_.end() || (*found)->id != *number || (*found)->outcome) return nullptr;
    return *found;
}

DuplexCall* Duplex::only_call() {
    DuplexCall* only = nullptr;
    for (auto* call : calls_) {
        if (call->outcome || call->method == listen_method) continue;
        if (only != nullptr) return nullptr;
        only = call;
    }
    return only;
}

void Duplex::push(DuplexCall* to, DuplexMessage message) {
    auto& inbox = to != nullptr ? to->inbox : outside_inbox_;
    inbox.push(std::move(message));
    if (inbox.is_full()) is_congested_ = true;
    if (to != nullptr) to->was_heard = true;
    (to != nullptr ? to->news : outside_news_).set();
}

void Duplex::clear(Inbox& inbox) {
    while (!inbox.empty()) {
        const auto message = take(inbox);
        if (message.question == nullptr) continue;
        if (message.question->state != Question::State::withdrawn) {
            refuse(message, {Errc::cancelled, "the call has ended", {}, {}});
        }
        end(*message.question);
    }
}

Task<> Duplex::serve_outside() {
    auto& fiber = co_await this_fiber();
    while (!fiber.is_cancelled) {
        if (outside_inbox_.empty()) {
            co_await outside_news_.wait();
        } else {
            co_await deliver(take(outside_inbox_), outside_);
        }
    }
}

// Stops the clock of `call` while a user is asked; those of all calls when it is null, since it is
// not known then for which one the server asks. Returns the ids of the calls, and not the calls,
// because these may end before the question.
std::vector<CallId> Duplex::stop_clocks(const DuplexCall* call) {
    std::vector<CallId> stopped;
    for (auto* each : calls_) {
        if ((call != nullptr && each != call) || each->outcome) continue;
        each->clock.stop(wheel_.now());
        stopped.push_back(each->id);
    }
    return stopped;
}

void Duplex::start_clocks(const std::vector<CallId>& stopped) {
    for (auto* each : calls_) {
        if (std::ranges::binary_search(stopped, each->id)) each->clock.start(wheel_.now());
    }
}

// An answer may take minutes, so what comes behind a question does not wait for it.
Task<> Duplex::deliver(DuplexMessage message, mcp::Exchange& to) {
    if (message.question != nullptr) {
        gate_.spawn(answer(std::move(message)));
        co_return;
    }
    std::string method;
    const auto notification = to_notification(message.text.view(), message.scan, method);
    // A caller that has gone does not end the call; whoever owns it decides that.
    std::ignore = co_await to.notify(notification);
}

Task<> Duplex::answer(DuplexMessage message) {
    auto& question = *message.question;
    question.fiber = &co_await this_fiber();
    const auto text = message.text.view();
    const auto method = json::unquoted(message.scan[Part::method].of(text));
    Result<mcp::Answer> answer = gw::fail(Errc::cancelled, "the call has ended");
    if (question.state == Question::State::open) {
        // A user may take longer than a server: the question has a bound of its own.
        const auto stopped = stop_clocks(question.call);
        answer = co_await question.asked.ask(
            {.method = method,
             .params = message.scan[Part::params].of(text),
             .taken_back = &question.reason}
        );
        start_clocks(stopped);
    }
    // MCP, basic/utilities/cancellation: receivers SHOULD not send a response for the cancelled
    // request.
    if (question.state != Question::State::withdrawn) {
        send(to_response(question.id, method, answer));
    }
    end(question);
}

void Duplex::refuse(const DuplexMessage& request, Error error) {
    const auto raw = [&](Part part) { return request.scan[part].of(request.text.view()); };
    const auto method = json::unquoted(raw(Part::method));
    send(to_response(raw(Part::id), method, std::unexpected(std::move(error))));
}

void Duplex::end(DuplexQuestion& question) {
    if (auto* call = question.call) {
        --call->questions;
        call->news.set();
    }
    questions_.remove_if([&](const DuplexQuestion& each) { return &each == &question; });
}

}  // namespace gw::upstream
