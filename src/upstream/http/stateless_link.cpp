#include "upstream/http/stateless_link.hpp"

#include "base/json.hpp"
#include "upstream/http/stateless_running.hpp"
#include "upstream/stateless/stateless_words.hpp"

#include <tuple>
#include <utility>

namespace gw::upstream {

namespace {

// A server that does not know server/discover is asked for everything; it says what it lacks.
constexpr std::string_view anything =
    R"({"capabilities":{"tools":{},"prompts":{},"resources":{},"completions":{}},"serverInfo":{}})";

constexpr std::chrono::seconds doubt_max{5};
constexpr std::chrono::seconds doubt_pause{1};

Task<Result<mcp::Answer>> given(mcp::Answer answer) {
    co_return answer;
}

}  // namespace

StatelessLink::StatelessLink(
    LinkResources& around,
    const Config& config,
    HttpOrigin origin,
    EraVerdict& verdict,
    mcp::Exchange& outside,
    const LinkPurpose& purpose
)
    : around_(around),
      config_(config),
      origin_(std::move(origin)),
      verdict_(verdict),
      outside_(outside),
      purpose_(purpose),
      terms_(purpose),
      post_head_(head()),
      inside_(around.shard),
      subscription_(around.shard, around.shard.wheel(), *this, outside) {}

StatelessLink::~StatelessLink() = default;

Task<Result<Slice>> StatelessLink::open(std::string_view /*params*/) {
    auto answer = co_await discover();
    const bool is_too_new = !answer && answer.error().kind == Errc::unsupported_version;
    if (is_too_new && found_ == Era::stateless && renegotiate(answer.error())) {
        answer = co_await discover();
    }
    const bool is_certain = found_ == Era::stateless && !is_guess_;
    if (is_certain) verdict_.set(Era::stateless, around_.shard.now());
    if (!answer) co_return std::unexpected(presentable(std::move(answer).error()));
    if (const auto* refusal = std::get_if<mcp::Refused>(&*answer)) {
        const auto error = json::Object::parse(refusal->error.view());
        if (found_ == Era::stateless && error && (*error)["code"] == "-32601") {
            co_return Slice(std::string(anything));
        }
        co_return fail(
            Errc::upstream_failed,
            "upstream refused server/discover",
            std::string(refusal->error.view())
        );
    }
    GW_CO_TRY(auto profile, as_initialized(answer));
    if (purpose_.hears_changes) co_await subscription_.hear(changes_told(profile));
    co_return Slice(std::move(profile));
}

// Asks server/discover. `words`, if not null, are set to those in which it was refused.
Task<Result<mcp::Answer>> StatelessLink::discover(RefusalWords* words) {
    async::Deadline unbounded(around_.shard.wheel(), TimePoint::max(), co_await this_fiber());
    Running run(*this, outside_, unbounded);
    const mcp::Request request{.method = "server/discover", .params = {}};
    auto answer = co_await attempt(run, request, request.mirrored);
    judge(answer, run);
    if (words != nullptr) *words = std::move(run.words);
    co_return answer;
}

// What the answer to server/discover says of the server's era.
void StatelessLink::judge(const Result<mcp::Answer>& answer, const Running& run) {
    found_.reset();
    was_asked_ = run.was_sent;
    answer_status_ = run.status;
    is_guess_ = run.status == 404 && run.code == -32601;
    if (run.status == 0 || run.status == 401 || run.status == 403 || run.status >= 500) return;
    found_ = Era::sessions;
    if (run.code && is_modern_refusal(run.status, *run.code)) found_ = Era::stateless;
    // What has answered and does not know the question any more is another server.
    if (is_guess_ && has_discovered_) found_ = Era::sessions;
    if (is_discovery(answer)) {
        found_ = Era::stateless;
        has_discovered_ = true;
    }
}

// Takes a version that the server says it supports, after it refused ours; if that is the same one,
// it is tried again, once. A server that knows stateless revisions, but supports none that we
// speak, is to be connected to with a session.
bool StatelessLink::renegotiate(const Error& refusal) {
    const auto other = alternative(refusal);
    if (!other) {
        found_ = Era::sessions;
        return false;
    }
    terms_.set_version(*other);
    post_head_ = head();
    return true;
}

Task<Result<mcp::Answer>> StatelessLink::call(const mcp::Request& request, mcp::Exchange& caller) {
    if (request.method == "logging/setLevel") return given(terms_.set_level(request));
    if (request.method == "resources/subscribe") return subscription_.subscribe(request, caller);
    if (request.method == "resources/unsubscribe") {
        return given(subscription_.unsubscribe(request));
    }
    return run(request, caller);
}

Task<Result<mcp::Answer>> StatelessLink::run(const mcp::Request& request, mcp::Exchange& caller) {
    if (inside_.is_shut()) co_return fail(Errc::cancelled, "the upstream session was closed");
    async::Deadline deadline(around_.shard.wheel(), request.deadline, co_await this_fiber());
    Running run(*this, caller, deadline);
    run.deadline_max = request.deadline_max;
    auto answer = co_await attempt(run, request, request.mirrored);
    if (!run.is_over() && !request.is_repetition) {
        if (!answer && (run.may_repeat || run.is_lost)) {
            if (request.is_repeatable) answer = co_await attempt(run, request, request.mirrored);
        } else if (run.then != Then::passes) {
            answer = co_await settle(run, request, std::move(answer));
        }
    }
    if (answer) co_return answer;
    if (run.is_withdrawn) co_return fail(Errc::cancelled, "the request was withdrawn");
    if (answer.error().kind == Errc::timed_out) co_return answer;  // It waited for something else.
    if (deadline.has_expired()) co_return deadline.stopped("Upstream server");
    if (answer.error().kind == Errc::unknown_session) co_return answer;
    co_return std::unexpected(presentable(std::move(answer).error()));
}

// What becomes of a request that was refused for the first time.
Task<Result<mcp::Answer>> StatelessLink::settle(
    Running& run, const mcp::Request& request, Result<mcp::Answer> refusal
) {
    switch (run.then) {
        case Then::lists_again: {
            if (request.method != "tools/call") co_return refusal;
            // It may have changed the schema since it was listed.
            const auto mirrored = co_await mirror_anew(run, request);
            if (!mirrored || *mirrored == request.mirrored || run.is_over()) co_return refusal;
            co_return co_await attempt(run, request, *mirrored);
        }
        case Then::renegotiates: {
            if (refusal || refusal.error().kind != Errc::unsupported_version) co_return refusal;
            const auto other = alternative(refusal.error());
            if (!other) co_return replaced(std::move(refusal));
            if (to_string(*other) == terms_.version()) co_return refusal;
            renegotiate(refusal.error());
            co_return co_await attempt(run, request, request.mirrored);
        }
        case Then::declares_tasks:
            if (refusal) std::get<mcp::Refused>(*refusal).may_repeat = true;
            co_return refusal;
        case Then::passes_or_discovers:
            if (!may_doubt()) co_return refusal;
            [[fallthrough]];
        case Then::discovers: co_return co_await doubted(run, request, std::move(refusal));
        default: co_return refusal;
    }
}

// Servers refuse what they do not have, too, and are not asked each time what they are. One that
// has never answered that question shows nothing by refusing it.
bool StatelessLink::may_doubt() {
    const auto now = around_.shard.now();
    if (!has_discovered_ || now < next_doubt_) return false;
    next_doubt_ = now + doubt_pause;
    return true;
}

// A server with sessions may have taken the place of this one, so it is asked server/discover. If
// it refuses that in the same words, it has surely not run the request. If it is stateless all the
// same, its refusal is the answer.
Task<Result<mcp::Answer>> StatelessLink::doubted(
    const Running& run, const mcp::Request& request, Result<mcp::Answer> refusal
) {
    RefusalWords words;
    {
        auto& wheel = around_.shard.wheel();
        const async::Deadline deadline(wheel, wheel.now() + doubt_max, co_await this_fiber());
        std::ignore = co_await discover(&words);
    }
    if (found_ != Era::sessions) co_return refusal;
    const bool has_not_run = words == run.words || request.is_repeatable;
    leaves_calls_to_sessions_ = true;
    if (run.then == Then::passes_or_discovers && !has_not_run) {
        is_usable_ = false;
        verdict_.forget();
        co_return refusal;
    }
    auto again = replaced(std::move(refusal));
    if (has_not_run) co_return again;
    co_return fail(
        Errc::upstream_failed,
        "upstream is no stateless server any more, and it is not known whether the call was run",
        std::move(again.error().detail)
    );
}

// The server is another: the next call has to go to another link.
Result<mcp::Answer> StatelessLink::replaced(Result<mcp::Answer> refusal) {
    is_usable_ = false;
    verdict_.forget();
    return fail(
        Errc::unknown_session,
        "upstream is no stateless server any more",
        refusal ? std::string() : std::move(refusal.error().detail)
    );
}

// Sends the request once and waits for its answer. Errc::header_mismatch and unsupported_version
// are what the server says of it; they are never passed on.
Task<Result<mcp::Answer>> StatelessLink::attempt(
    Running& run, const mcp::Request& request, const Mirrored& mirrored
) {
    run.id = NumberText(around_.request_ids.take());
    run.method = request.method;
    run.wants_progress = !request.progress_token.empty();
    run.declared = terms_.declared_with(request);
    run.log_level = terms_.level_of(request);
    run.status = 0;
    run.code.reset();
    run.was_heard = false;
    run.is_lost = false;
    run.then = Then::passes;
    run.answer.reset();
    const auto id = run.id.view();
    const auto render = [&] {
        return render_post(
            post_head_,
            headers_of(request, mirrored),
            id,
            request.method,
            terms_.with_envelope(request, id)
        );
    };
    auto message = render();
    GW_CO_TRY(auto connection, co_await exchange(origin_.pool, run, message.view()));
    run.redirects = 0;
    while (follow(origin_, run, *connection, around_, config_)) {
        post_head_ = head();
        connection->stream().close();
        origin_.pool.give_back(std::move(connection));
        message = render();
        GW_CO_TRY(connection, co_await exchange(origin_.pool, run, message.view()));
    }
    run.status = answered_status(*connection);
    auto answer = co_await answer_of(run, *connection);
    run.stream = nullptr;
    // The server takes the end of the stream as the cancellation of the request.
    if (!answer) connection->stream().close();
    origin_.pool.give_back(std::move(connection));
    co_return answer;
}

Task<Result<mcp::Answer>> StatelessLink::listen(
    const mcp::Request& request, mcp::Exchange& hearer
) {
    return run(request, hearer);
}

Task<> StatelessLink::close() {
    is_usable_ = false;
    inside_.shut();
    for (auto& run : running_)
        run.withdraw();
    co_await subscription_.close();
    co_await inside_.close();
}

}  // namespace gw::upstream
