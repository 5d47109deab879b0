#include "upstream/http/probing_link.hpp"

#include "async/deadline.hpp"
#include "upstream/http/http_link.hpp"
#include "upstream/http/sse_link.hpp"
#include "upstream/http/stateless_link.hpp"

#include <utility>

namespace gw::upstream {

namespace {

// A server that does not know the question may leave it unanswered.
constexpr std::chrono::seconds probe_max{5};

}  // namespace

ProbingLink::ProbingLink(
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
      link_(std::make_unique<HttpLink>(around, config, origin_, outside, purpose)) {}

Task<Result<Slice>> ProbingLink::open(std::string_view params) {
    if (config_.era == Era::sessions) co_return co_await open_session(params);
    if (config_.era == Era::stateless) co_return co_await open_stateless(params);
    const auto known = verdict_.get(around_.shard.now());
    if (known != Era::sessions) {
        auto opened = co_await open_stateless(params);
        if (opened && is_guess_ && !known) {
            co_return co_await open_unless_it_has_sessions(params, *std::move(opened));
        }
        if (opened || found_ == Era::stateless || !was_asked_) co_return opened;
        if (found_ == Era::sessions) co_return co_await open_session(params);
        co_return co_await open_in_doubt(params, std::move(opened).error());
    }
    auto opened = co_await open_session(params);
    const bool is_refused = refused_status_ >= 400 && refused_status_ < 500;
    if (opened || !is_refused || refused_status_ == 401 || refused_status_ == 403) {
        co_return opened;
    }
    // The verdict does not fit any more: it may have become a stateless server.
    verdict_.forget();
    auto instead = co_await open_stateless(params);
    if (instead || found_ == Era::stateless) co_return instead;
    co_return opened;
}

// Sets found_: what the server shows itself to be. One that does not answer in time shows that it
// does not know the question.
Task<Result<Slice>> ProbingLink::open_stateless(std::string_view params) {
    auto link =
        std::make_unique<StatelessLink>(around_, config_, origin_, verdict_, outside_, purpose_);
    auto& stateless = *link;
    co_await use(std::move(link));
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
// can be initialized, it has; else `guess`, what a stateless one would be, stands.
Task<Result<Slice>> ProbingLink::open_unless_it_has_sessions(std::string_view params, Slice guess) {
    auto link = std::make_unique<HttpLink>(around_, config_, origin_, outside_, purpose_);
    auto opened = co_await link->open(params);
    if (!opened) {
        co_await link->close();
        co_return guess;
    }
    co_await use(std::move(link));
    verdict_.set(Era::sessions, around_.shard.now());
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
    auto link = std::make_unique<HttpLink>(around_, config_, origin_, outside_, purpose_);
    auto& http = *link;
    co_await use(std::move(link));
    auto opened = co_await http.open(params);
    const int status = refused_status_ = http.refused_status();
    const bool may_be_old = config_.transport == Transport::automatic &&
                            (status == 400 || status == 404 || status == 405);
    if (!opened && may_be_old) {
        auto old = make_sse_link(around_, config_, origin_, outside_, purpose_);
        auto reopened = co_await old->open(params);
        // When it is not an old server either, what it said first counts.
        if (reopened) {
            co_await use(std::move(old));
            opened = std::move(reopened);
        } else {
            co_await old->close();
        }
    }
    if (opened) verdict_.set(Era::sessions, around_.shard.now());
    co_return opened;
}

Task<> ProbingLink::use(std::unique_ptr<Link> link) {
    co_await link_->close();
    link_ = std::move(link);
}

}  // namespace gw::upstream
