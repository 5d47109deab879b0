#include "upstream/http/probing_link.hpp"

#include "async/deadline.hpp"
#include "base/json.hpp"
#include "upstream/http/http_link.hpp"
#include "upstream/http/sse_link.hpp"
#include "upstream/http/stateless_link.hpp"
#include "upstream/stateless/stateless_words.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace gw::upstream {

namespace {

// A server that does not know the question may leave it unanswered.
constexpr std::chrono::seconds probe_max{5};

// How long an answer that leaves the era open holds.
constexpr std::chrono::seconds doubt_max{30};

// True for the statuses of what a server does not know. Others are about who asks, and when.
bool is_refusal(int status) {
    constexpr std::array others{401, 403, 408, 425, 429};
    const bool is_other = std::ranges::find(others, status) != others.end();
    return status >= 200 && status < 500 && !is_other;
}

// True for JSON-RPC errors that a server with sessions may answer to this client only.
bool may_be_of_client(const Error& refusal) {
    const auto error = json::Object::parse(refusal.detail);
    const auto code = error ? json::integer((*error)["code"]) : std::nullopt;
    constexpr std::array of_all{-32600, -32601};
    return code && !is_stateless_code(*code) && std::ranges::find(of_all, *code) == of_all.end();
}

}  // namespace

ProbingLink::ProbingLink(
    LinkResources& around,
    const Config& config,
    HttpOrigin origin,
    EraVerdict& verdict,
    mcp::Exchange& outside,
    LinkPurpose purpose
)
    : around_(around),
      config_(config),
      origin_(std::move(origin)),
      verdict_(verdict),
      outside_(outside),
      purpose_(std::move(purpose)),
      letting_go_(around.shard),
      link_(make_http_link()) {}

Task<Result<Slice>> ProbingLink::open(std::string_view params) {
    if (config_.era == Era::sessions) return open_session(params);
    if (config_.era == Era::stateless) return open_stateless(params);
    const auto known = verdict_.choice(purpose_.prefers, around_.shard.now());
    return known.value_or(purpose_.prefers) == Era::sessions ? open_sessions_first(params)
                                                             : open_stateless_first(params);
}

Task<Result<Slice>> ProbingLink::open_stateless_first(std::string_view params) {
    const bool is_known = speaks(Era::stateless);
    auto opened = co_await open_stateless(params);
    if (opened && is_guess_ && !is_known) {
        co_return co_await open_unless_it_has_sessions(params, *std::move(opened));
    }
    if (opened || found_ == Era::stateless || !was_asked_) co_return opened;
    if (found_ == Era::sessions) co_return co_await open_session(params);
    co_return co_await open_in_doubt(params, std::move(opened).error());
}

// A server that refuses to be initialized may have become a stateless one, whatever the verdict.
// That it fails otherwise, or is silent, proves nothing: it is tried, unless it is known not to be.
Task<Result<Slice>> ProbingLink::open_sessions_first(std::string_view params) {
    const auto is_stateless = verdict_.speaks(Era::stateless, around_.shard.now());
    auto opened = co_await initialize(params);
    if (opened) {
        const bool may_have_none = !has_session_id_ && is_stateless.value_or(true);
        if (!may_have_none) co_return opened;
        co_return co_await open_unless_it_is_stateless(params, *std::move(opened));
    }
    if (is_stateless == false) {
        opened = co_await open_old(params, std::move(opened));
        if (opened) co_return opened;
    }
    const bool is_refused = is_refusal(refused_status_);
    const bool may_be_stateless =
        refused_status_ == 0 ? is_stateless == true : is_stateless != false;
    if (!is_refused && !may_be_stateless) co_return opened;
    auto instead = co_await open_stateless(params);
    if (instead || found_ == Era::stateless) {
        is_makeshift_ = !is_refused;
        if (is_refused && !may_be_of_client(opened.error())) {
            verdict_.doubt(Era::sessions, around_.shard.now());
        }
        co_return instead;
    }
    if (is_refused) verdict_.forget();
    if (is_stateless == false) co_return opened;
    co_return co_await open_old(params, std::move(opened));
}

bool ProbingLink::speaks(Era era) const {
    return verdict_.speaks(era, around_.shard.now()).value_or(false);
}

// Sets found_: what the server shows itself to be. One that does not answer in time shows that it
// does not know the question.
Task<Result<Slice>> ProbingLink::open_stateless(std::string_view params) {
    auto link =
        std::make_unique<StatelessLink>(around_, config_, origin_, verdict_, outside_, purpose_);
    auto& stateless = *link;
    use(std::move(link));
    auto& shard = around_.shard;
    const async::Deadline deadline(shard.wheel(), shard.now() + probe_max, co_await this_fiber());
    auto opened = co_await stateless.open(params);
    found_ = stateless.found();
    was_asked_ = stateless.was_asked();
    is_guess_ = stateless.is_guess();
    answer_ = stateless.answer_status();
    if (!opened && !found_ && deadline.has_expired()) found_ = Era::sessions;
    co_return opened;
}

// The server answered that it does not know server/discover, as it would if it had sessions: if it
// can be initialized, it has; if it refuses that, `guess`, what a stateless one would be, stands.
// One that is silent has shown nothing, and is asked again by the next who comes.
Task<Result<Slice>> ProbingLink::open_unless_it_has_sessions(std::string_view params, Slice guess) {
    auto link = make_http_link();
    auto opened = co_await link->open(params);
    if (!opened) {
        const bool is_silent = link->refused_status() == 0;
        let_go(std::move(link));
        if (is_silent) co_return opened;
        verdict_.set(Era::stateless, around_.shard.now());
        co_return guess;
    }
    use(std::move(link));
    note_sessions();
    co_return opened;
}

// The server was initialized, and gave no session id: if it is stateless, that is what it is spoken
// to; else `session` stands.
Task<Result<Slice>> ProbingLink::open_unless_it_is_stateless(
    std::string_view params, Slice session
) {
    auto& shard = around_.shard;
    auto link =
        std::make_unique<StatelessLink>(around_, config_, origin_, verdict_, outside_, purpose_);
    const async::Deadline deadline(shard.wheel(), shard.now() + probe_max, co_await this_fiber());
    auto opened = co_await link->open(params);
    if (!opened || link->is_guess()) {
        if (link->found() != Era::stateless) verdict_.deny(Era::stateless, shard.now());
        let_go(std::move(link));
        co_return session;
    }
    verdict_.deny(Era::sessions, shard.now());
    use(std::move(link));
    co_return opened;
}

// The answer to server/discover showed no era: a proxy may have given it. initialize decides.
Task<Result<Slice>> ProbingLink::open_in_doubt(std::string_view params, Error unanswered) {
    auto opened = co_await open_session(params);
    const auto answer = answer_ != 0 ? "HTTP " + std::to_string(answer_) : unanswered.text;
    const auto setting = "upstreams." + config_.name;
    around_.log(
        config_,
        "answered server/discover with " + answer +
            (opened ? ", and has sessions: " + setting + ".era: sessions saves the question"
                    : ", and initialize failed as well (" + opened.error().text + "): are " +
                          setting + ".url and " + setting + ".headers right?")
    );
    co_return opened;
}

Task<Result<Slice>> ProbingLink::open_session(std::string_view params) {
    auto opened = co_await initialize(params);
    if (opened) co_return opened;
    co_return co_await open_old(params, std::move(opened));
}

// How long an answer to initialize is waited for where there is another era to choose: longer at a
// server that is known to have sessions.
TimePoint::duration ProbingLink::silence_max() const {
    const auto& limits = around_.limits;
    const auto most = limits.list_timeout * 3 / 4;
    return speaks(Era::sessions) ? most : std::min(limits.era_silence_max, most);
}

// On Streamable HTTP. A server that is known to be stateless is not waited for until the end.
Task<Result<Slice>> ProbingLink::initialize(std::string_view params) {
    auto link = make_http_link();
    auto& http = *link;
    use(std::move(link));
    auto& shard = around_.shard;
    const bool has_other = config_.era != Era::sessions && speaks(Era::stateless);
    const async::Deadline deadline(
        shard.wheel(),
        has_other ? shard.now() + silence_max() : TimePoint::max(),
        co_await this_fiber()
    );
    auto opened = co_await http.open(params);
    was_silent_ = deadline.has_expired();
    refused_status_ = http.refused_status();
    has_session_id_ = http.has_session_id();
    if (opened) note_sessions();
    co_return opened;
}

// When it is not an old server either, its `refusal` of Streamable HTTP counts.
Task<Result<Slice>> ProbingLink::open_old(std::string_view params, Result<Slice> refusal) {
    const int status = refused_status_;
    const bool may_be_old = config_.transport == Transport::automatic &&
                            (status == 400 || status == 404 || status == 405);
    if (!may_be_old) co_return refusal;
    auto old = make_sse_link(around_, config_, origin_, outside_, purpose_);
    auto opened = co_await old->open(params);
    if (!opened) {
        let_go(std::move(old));
        co_return refusal;
    }
    use(std::move(old));
    note_sessions();
    co_return opened;
}

std::unique_ptr<HttpLink> ProbingLink::make_http_link() {
    auto link = std::make_unique<HttpLink>(around_, config_, origin_, outside_, purpose_);
    link->tell_late([this] { verdict_.set(Era::sessions, around_.shard.now()); });
    return link;
}

// It has sessions. If it was asked before whether it is stateless, it is not; where the answer left
// that open, it is asked again before long.
void ProbingLink::note_sessions() {
    const auto now = around_.shard.now();
    verdict_.set(Era::sessions, now);
    if (was_asked_) verdict_.deny(Era::stateless, now, found_ ? EraVerdict::age_max : doubt_max);
}

void ProbingLink::use(std::unique_ptr<Link> link) {
    let_go(std::exchange(link_, std::move(link)));
}

// What its server has opened for it is ended there, while another is tried.
void ProbingLink::let_go(std::unique_ptr<Link> link) {
    letting_go_.spawn(end(std::move(link)));
}

Task<> ProbingLink::end(std::unique_ptr<Link> link) {
    co_await link->close();
}

Task<> ProbingLink::close() {
    co_await link_->close();
    co_await letting_go_.join();
}

}  // namespace gw::upstream
