#include "base/json.hpp"
#include "upstream/ground/incoming.hpp"
#include "upstream/ground/request_ids.hpp"
#include "upstream/http/http_link.hpp"
#include "upstream/http/http_running.hpp"

#include <tuple>
#include <utility>

// What the server of an HttpLink answers, and what is done when it refuses.
namespace gw::upstream {

using mcp::Part;

namespace {

constexpr std::size_t shown_max = 500;  // Bytes of a body, in the log.

}  // namespace

// The answer in a JSON body, which must be the one to our request.
Result<mcp::Answer> HttpLink::check(Running& run, Slice body) const {
    mcp::Scan scan;
    auto checked = check_answer(body, scan, run.id.view(), around_.limits);
    if (checked && !scan.has(Part::error)) return to_answer(std::move(body), scan);
    auto answer = refused(run, std::move(body));
    if (!checked && run.then == Then::fails) return std::unexpected(std::move(checked).error());
    return answer;
}

// What it means that the server did not answer with a result. Bodies that are no error to this
// request are for the log only.
Result<mcp::Answer> HttpLink::refused(Running& run, Slice body) const {
    mcp::Scan scan;
    const auto text = body.view();
    const bool is_message = mcp::scan(text, scan, around_.limits.depth_max).has_value();
    const bool is_error = is_message && scan.has(Part::error);
    const bool is_own = is_error && as_asked(scan[Part::id].of(text)) == run.id.view();
    const auto code = is_error ? json::integer(scan[Part::error_code].of(text)) : std::nullopt;
    const auto of_error = is_own ? RefusalBody::own_error : RefusalBody::other_error;
    // Before the session is open a refusal says nothing of it.
    if (!revision_.empty()) {
        run.then = what_then(
            {.era = Era::sessions,
             .status = run.status,
             .body = is_error ? of_error : RefusalBody::other,
             .code = code,
             .was_heard = run.was_heard,
             .has_session_id = !session_id_.empty()}
        );
    }
    run.words = words_of(run.status, code, text, scan[Part::error_message].of(text), run.id.view());
    auto detail =
        "HTTP " + std::to_string(run.status) + " " + std::string(text.substr(0, shown_max));
    // 401 and 403 are about the gateway's credentials, whatever else they say.
    const bool is_passed = is_own && run.status != 401 && run.status != 403;
    if (is_passed) return to_answer(std::move(body), scan);
    return refused_with(run.status, config_, std::move(detail));
}

// What becomes of a call whose refusal leaves open whether the server knows the session.
Task<Result<mcp::Answer>> HttpLink::settle(Running& run, Result<mcp::Answer> refusal) {
    const bool may_go_again = run.then == Then::probes && !run.is_repetition;
    if (run.then == Then::passes_and_probes || (run.then == Then::probes && !may_go_again)) doubt();
    if (!may_go_again || run.is_withdrawn) co_return refusal;
    const auto probed = co_await probe_.ask();
    if (probed.state != SessionProbe::State::refused) co_return refusal;
    lose();
    // It may have begun after all: a message of it may have come on the GET stream meanwhile.
    if (run.was_heard && !run.is_repeatable) co_return refusal;
    auto detail = "HTTP " + std::to_string(run.status) + " " + run.words.text.substr(0, shown_max);
    if (probed.words == run.words || run.is_repeatable) {
        co_return fail(Errc::unknown_session, "upstream has lost the session", std::move(detail));
    }
    co_return fail(
        Errc::upstream_failed,
        "upstream has lost the session, and it is not known whether the call was run",
        std::move(detail)
    );
}

Task<SessionProbe::Outcome> HttpLink::ping() {
    using enum SessionProbe::State;
    mcp::Nobody nobody;
    Running run(*this, nobody, next_id_++);
    run.fiber = &co_await this_fiber();
    const auto message = render_post(post_head_, {}, run.id.view(), "ping", {});
    auto connection = co_await exchange(origin_.pool, run, message.view());
    if (!connection && run.may_repeat) {
        connection = co_await exchange(origin_.pool, run, message.view());
    }
    if (!connection) co_return SessionProbe::Outcome();
    const auto answer = co_await answer_of(run, *connection);
    if (!answer && *connection) (*connection)->stream().close();
    if (*connection) origin_.pool.give_back(std::move(*connection));
    if (run.has_questions()) co_await run.questions.close();
    // 2026-07-28 has no ping, and refuses with this what it does not know.
    const bool is_unknown = run.status == 404 && run.words.code == -32601;
    if (is_unknown || run.then == Then::probes || run.then == Then::passes_and_probes) {
        co_return SessionProbe::Outcome{refused, std::move(run.words)};
    }
    // An error with the ping's id is of a server that knows the session, even if it refuses pings.
    co_return SessionProbe::Outcome{answer ? lives : undecided};
}

// Finds out in the background whether the session is lost, for the calls that come next.
void HttpLink::doubt() {
    if (is_usable_ && !std::exchange(is_probing_, true)) gate_.spawn(probe());
}

Task<> HttpLink::probe() {
    const auto probed = co_await probe_.ask();
    is_probing_ = false;
    if (probed.state == SessionProbe::State::refused) lose();
}

}  // namespace gw::upstream
