#include "upstream/duplex/introduction.hpp"

#include "async/deadline.hpp"
#include "base/ascii.hpp"
#include "base/json.hpp"
#include "upstream/ground/handshake.hpp"
#include "upstream/stateless/stateless_words.hpp"

#include <string>
#include <utility>

namespace gw::upstream {

namespace {

constexpr int discovers_max = 2;

// The error that the server answered; empty when it answered none.
json::Object error_of(const mcp::Answer& answer) {
    const auto* refused = std::get_if<mcp::Refused>(&answer);
    return json::Object::parse(refused != nullptr ? refused->error.view() : "{}")
        .value_or(json::Object());
}

// The stateless revision, known to the gateway, that a server offers when it refuses the one that
// it was asked in.
std::optional<mcp::Revision> offer_in(const std::optional<Result<mcp::Answer>>& answer) {
    if (!answer) return {};
    if (!*answer) {
        const auto& error = answer->error();
        return error.kind == Errc::unsupported_version ? alternative(error) : std::nullopt;
    }
    const auto error = error_of(**answer);
    if (error["code"] != "-32022") return {};
    const auto data = json::Object::parse(error["data"]);
    return data ? newest_stateless((*data)["supported"]) : std::nullopt;
}

// True for errors that only a stateless server answers, but for a version that it does not support.
bool is_stateless_refusal(const std::optional<Result<mcp::Answer>>& answer) {
    if (!answer) return false;
    if (!*answer) return answer->error().kind == Errc::header_mismatch;
    const auto code = json::integer(error_of(**answer)["code"]);
    return code && is_stateless_code(*code) && *code != -32022;
}

// True for what a server without sessions says to initialize, whoever sends it.
bool is_refusal_of_all(const std::optional<Result<mcp::Answer>>& answer) {
    if (!answer) return false;
    if (!*answer) return answer->error().kind == Errc::unsupported_version;
    const auto code = error_of(**answer)["code"];
    return code == "-32601" || code == "-32600" || code == "-32022";
}

// Some servers take discover for the beginning, and call the initialize after it a duplicate.
bool is_duplicate(const std::optional<Result<mcp::Answer>>& answer) {
    if (!answer || !*answer) return false;
    const auto text = to_lower(error_of(**answer).string("message").value_or(""));
    return text.contains("duplicate") && text.contains("initialize");
}

}  // namespace

Introduction::Introduction(
    async::Loop& loop,
    async::Wheel& wheel,
    Duplex& duplex,
    StatelessTerms& terms,
    Eras eras,
    Time silence_max
)
    : wheel_(wheel),
      duplex_(duplex),
      terms_(terms),
      eras_(eras),
      silence_max_(silence_max),
      news_(loop),
      gate_(loop) {}

Task<Result<Slice>> Introduction::run(std::string_view params) {
    auto& fiber = co_await this_fiber();
    auto opened = co_await open(params);
    refused_first_ = judge_first();  // What is pending is about to fail.
    const async::Shield shield(fiber);
    co_await gate_.close();
    co_return opened;
}

Task<Result<Slice>> Introduction::open(std::string_view params) {
    patience_ends_ = wheel_.now() + silence_max_;
    for (;;) {
        if (auto opened = positive()) co_return *std::move(opened);
        judge();
        if (!ask(params)) co_return std::unexpected(refusal());
        if (!co_await wait()) co_return fail(Errc::cancelled, "the request was withdrawn");
    }
}

std::optional<Slice> Introduction::positive() {
    if (discovery_.answer) {
        if (auto profile = as_initialized(*discovery_.answer)) {
            found_ = Era::stateless;
            duplex_.speak(Era::stateless);
            return Slice(*std::move(profile));
        }
    }
    auto& initialized = initialization_.answer;
    if (!initialized || !check_initialized(*initialized)) return {};
    found_ = Era::sessions;
    duplex_.speak(Era::sessions);
    duplex_.confirm();
    return std::move(std::get<mcp::Completed>(**initialized).result);
}

// Looks for refusals that prove the stateless era, though the server is not open yet. "Duplicate"
// proves it after a discover, because initialize is sent once only.
void Introduction::judge() {
    const auto& answer = discovery_.answer;
    const bool is_proven = (answer && is_discovery(*answer)) || offered() ||
                           is_stateless_refusal(answer) ||
                           is_stateless_refusal(initialization_.answer) ||
                           (discovers_ > 0 && is_duplicate(initialization_.answer));
    if (is_proven) found_ = Era::stateless;
}

// Sends what the answers until now call for. False when nothing more can come.
bool Introduction::ask(std::string_view params) {
    if (duplex_.is_over()) {
        // What is pending is about to fail.
    } else if (!asked_first_) {
        asked_first_ = eras_.configured.value_or(eras_.first);
        asked_first_ == Era::sessions ? ask_initialize(params) : ask_discover();
    } else if (!discovery_.is_pending() && wants_discover()) {
        ask_discover();
    } else if (may_have_sessions() && !initialization_.is_sent &&
               (!discovery_.is_pending() || is_impatient())) {
        ask_initialize(params);
    }
    return discovery_.is_pending() || initialization_.is_pending();
}

bool Introduction::may_have_sessions() const {
    return eras_.configured != Era::stateless && found_ != Era::stateless;
}

bool Introduction::is_impatient() const {
    return wheel_.now() >= patience_ends_;
}

bool Introduction::wants_discover() const {
    if (eras_.configured == Era::sessions || discovers_ == discovers_max) return false;
    if (offered()) return true;
    if (initialization_.answer) return discovers_ == 0 || is_duplicate(initialization_.answer);
    return discovers_ == 0 && eras_.knows_discover && is_impatient();
}

bool Introduction::may_ask_more() const {
    if (!initialization_.is_sent) return may_have_sessions();
    const bool may_discover = eras_.configured != Era::sessions && eras_.knows_discover;
    return may_discover && discovers_ == 0;
}

void Introduction::ask_discover() {
    if (const auto other = offered()) terms_.set_version(*other);
    ++discovers_;
    discovery_ = {.is_sent = true, .answer = {}};
    duplex_.speak(Era::stateless);
    gate_.spawn(discover());
}

void Introduction::ask_initialize(std::string_view params) {
    initialization_.is_sent = true;
    duplex_.speak(Era::sessions);
    gate_.spawn(initialize(params));
}

Task<> Introduction::discover() {
    discovery_.answer = co_await duplex_.discover(terms_);
    news_.set();
}

Task<> Introduction::initialize(std::string_view params) {
    initialization_.answer = co_await duplex_.initialize(params);
    news_.set();
}

// Waits for an answer, or until patience ends. False when the fiber was cancelled, by the deadline
// for all or from outside.
Task<bool> Introduction::wait() {
    const async::Deadline patience(
        wheel_, may_ask_more() ? patience_ends_ : TimePoint::max(), co_await this_fiber()
    );
    const bool was_woken = co_await news_.wait();
    co_return was_woken || patience.has_expired();
}

std::optional<mcp::Revision> Introduction::offered() const {
    if (const auto offer = offer_in(discovery_.answer)) return offer;
    return offer_in(initialization_.answer);
}

// Some servers leave unanswered what they do not know, but none would initialize. One that refuses
// initialize may mean this client only.
std::optional<Era> Introduction::judge_first() const {
    if (asked_first_ == found_) return {};
    if (asked_first_ != Era::sessions) return asked_first_;
    return is_refusal_of_all(initialization_.answer) ? asked_first_ : std::nullopt;
}

// Why it was not opened, by the era that it shows.
Error Introduction::refusal() const {
    const auto& discovered = discovery_.answer;
    if (!discovered || (initialization_.answer && found_ != Era::stateless)) {
        return check_initialized(*initialization_.answer).error();
    }
    if (!*discovered) return presentable(discovered->error());
    return as_initialized(*discovered).error();
}

}  // namespace gw::upstream
