#pragma once

#include "async/gate.hpp"
#include "upstream/ground/era.hpp"
#include "upstream/ground/link.hpp"
#include "upstream/http/http_transfer.hpp"

#include <memory>

namespace gw::upstream {

class HttpLink;

// A link to a server of which only the URL is known. open() finds out what it is, and leaves all
// else to a link of that kind.
//
// The server is asked for the era that the link prefers first: for sessions by initialize, or by
// server/discover whether it is stateless. If it is not, or if its answer leaves that open, the
// other question decides. initialize is tried on the HTTP+SSE of 2024-11-05 as well when it is
// refused with 400, 404 or 405 (2025-11-25, basic/transports, Backwards Compatibility). A server
// that is initialized without a session id and is stateless as well has no sessions to be
// preferred. The verdict keeps the result for other links; also that of an answer to initialize
// which comes when the server is spoken to without a session already.
class ProbingLink final : public Link {
public:
    // All references outlive it.
    ProbingLink(
        LinkResources& around,
        const Config& config,
        HttpOrigin origin,
        EraVerdict& verdict,
        mcp::Exchange& outside,
        LinkPurpose purpose
    );

    Task<Result<Slice>> open(std::string_view params) override;

    Task<Result<mcp::Answer>> call(const mcp::Request& request, mcp::Exchange& caller) override {
        return link_->call(request, caller);
    }

    void notify(std::string_view method, std::string_view params) override {
        link_->notify(method, params);
    }

    bool is_usable() const override { return link_->is_usable(); }

    bool is_stateless() const override { return link_->is_stateless(); }

    bool leaves_calls_to_sessions() const override { return link_->leaves_calls_to_sessions(); }

    bool is_makeshift() const override {
        return is_makeshift_ && (!was_silent_ || speaks(Era::sessions));
    }

    // Ends what was tried as well.
    Task<> close() override;

private:
    Task<Result<Slice>> open_stateless_first(std::string_view params);
    Task<Result<Slice>> open_sessions_first(std::string_view params);
    Task<Result<Slice>> open_stateless(std::string_view params);
    Task<Result<Slice>> open_unless_it_has_sessions(std::string_view params, Slice guess);
    Task<Result<Slice>> open_in_doubt(std::string_view params, Error unanswered);
    Task<Result<Slice>> open_unless_it_is_stateless(std::string_view params, Slice session);
    Task<Result<Slice>> open_session(std::string_view params);
    Task<Result<Slice>> initialize(std::string_view params);
    Task<Result<Slice>> open_old(std::string_view params, Result<Slice> refusal);
    void note_sessions();
    bool speaks(Era era) const;
    TimePoint::duration silence_max() const;
    void use(std::unique_ptr<Link> link);
    void let_go(std::unique_ptr<Link> link);
    std::unique_ptr<HttpLink> make_http_link();
    static Task<> end(std::unique_ptr<Link> link);

    LinkResources& around_;
    const Config& config_;
    HttpOrigin origin_;
    EraVerdict& verdict_;
    mcp::Exchange& outside_;
    const LinkPurpose purpose_;
    async::Gate letting_go_;      // Of what was tried and is not used.
    std::unique_ptr<Link> link_;  // What was tried last; never null.
    std::optional<Era> found_;    // By the last probe.
    bool was_asked_ = false;      // The question was sent.
    bool is_guess_ = false;       // It may have sessions all the same.
    int answer_ = 0;              // The status of its answer; 0: there was none.
    int refused_status_ = 0;      // Of initialize.
    bool has_session_id_ = false;
    bool was_silent_ = false;  // It did not answer initialize in time.
    bool is_makeshift_ = false;
};

}  // namespace gw::upstream
