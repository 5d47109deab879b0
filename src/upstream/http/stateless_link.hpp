#pragma once

#include "async/visitors.hpp"
#include "mcp/scan.hpp"
#include "upstream/ground/era.hpp"
#include "upstream/ground/link.hpp"
#include "upstream/ground/sent_again.hpp"
#include "upstream/http/http_transfer.hpp"
#include "upstream/stateless/stateless_terms.hpp"
#include "upstream/stateless/subscription.hpp"

#include <boost/intrusive/list.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gw::upstream {

// Streamable HTTP of the stateless era (MCP 2026-07-28, basic/transports/streamable-http), made to
// look like a session: the link keeps what a session would, and says it anew with every request.
// logging/setLevel, resources/subscribe and resources/unsubscribe, which such servers do not have,
// are answered by the link itself.
//
// When a server with sessions seems to have taken its place, the link forgets the verdict and is
// not usable any more. Calls that were refused before they were run fail with
// Errc::unknown_session.
class StatelessLink final : public Link, Subscription::Source {
public:
    // All references outlive it. The capabilities of `purpose` are declared with every request.
    StatelessLink(
        LinkResources& around,
        const Config& config,
        HttpOrigin origin,
        EraVerdict& verdict,
        mcp::Exchange& outside,
        const LinkPurpose& purpose
    );
    ~StatelessLink() override;

    // Asks the server what it is, by server/discover. The result looks like that of initialize.
    Task<Result<Slice>> open(std::string_view params) override;

    // These four tell of the last server/discover, once open() has returned. The era that the
    // answer showed; nothing when it showed none.
    std::optional<Era> found() const { return found_; }

    // True when the server does not know the method, so that it may have sessions.
    bool is_guess() const { return is_guess_; }

    // True when it was sent, so that the server was reached.
    bool was_asked() const { return was_asked_; }

    // The HTTP status of the answer; 0 when there was none.
    int answer_status() const { return answer_status_; }

    Task<Result<mcp::Answer>> call(const mcp::Request& request, mcp::Exchange& caller) override;

    // Does nothing: no notification of a client has a meaning for a stateless server.
    void notify(std::string_view /*method*/, std::string_view /*params*/) override {}

    bool is_usable() const override { return is_usable_; }

    bool is_stateless() const override { return true; }

    bool leaves_calls_to_sessions() const override { return leaves_calls_to_sessions_; }

    Task<> close() override;

private:
    struct Running;  // One call.
    using Mirrored = std::vector<mcp::MirroredArgument>;

    Task<Result<mcp::Answer>> run(const mcp::Request& request, mcp::Exchange& caller);
    Task<Result<mcp::Answer>> attempt(
        Running& run, const mcp::Request& request, const Mirrored& mirrored
    );
    Task<Result<mcp::Answer>> discover(RefusalWords* words = nullptr);
    Task<Result<mcp::Answer>> listen(const mcp::Request& request, mcp::Exchange& hearer) override;
    Task<Result<mcp::Answer>> settle(
        Running& run, const mcp::Request& request, Result<mcp::Answer> refusal
    );
    Task<Result<mcp::Answer>> doubted(
        const Running& run, const mcp::Request& request, Result<mcp::Answer> refusal
    );
    Result<mcp::Answer> replaced(Result<mcp::Answer> refusal);
    void judge(const Result<mcp::Answer>& answer, const Running& run);
    bool renegotiate(const Error& refusal);
    bool may_doubt();

    std::string head() const;
    static std::string headers_of(const mcp::Request& request, const Mirrored& mirrored);
    Task<Result<Mirrored>> mirror_anew(Running& run, const mcp::Request& request);

    Task<Result<mcp::Answer>> answer_of(Running& run, http::ClientConnection& connection);
    Task<Result<mcp::Answer>> read_events(Running& run, http::ClientConnection& connection);
    Task<> handle(Running& run, Buffer message, std::shared_ptr<void> hold);
    Task<> pass_on(Running& run, std::string_view text, const mcp::Scan& scan);
    Result<mcp::Answer> check(Running& run, Slice body);
    Result<mcp::Answer> outcome(Running& run, Slice message, const mcp::Scan& scan);
    Result<mcp::Answer> refused(Running& run, Slice body);

    LinkResources& around_;
    const Config& config_;
    HttpOrigin origin_;
    EraVerdict& verdict_;
    mcp::Exchange& outside_;
    const LinkPurpose purpose_;
    StatelessTerms terms_;
    std::string post_head_;  // Of every POST, as far as it is always the same.
    std::optional<Era> found_;
    bool is_guess_ = false;
    bool was_asked_ = false;
    int answer_status_ = 0;
    bool has_discovered_ = false;  // The server has answered server/discover.
    TimePoint next_doubt_;         // Not before, where its refusal would be the answer.
    boost::intrusive::list<
        HttpCall,
        boost::intrusive::base_hook<HttpCallHook>,
        boost::intrusive::constant_time_size<false>>
        running_;
    async::Visitors inside_;  // Calls, and open().
    Subscription subscription_;
    bool is_usable_ = true;
    bool leaves_calls_to_sessions_ = false;
};

}  // namespace gw::upstream
