#pragma once

#include "async/gate.hpp"
#include "async/visitors.hpp"
#include "upstream/ground/link.hpp"
#include "upstream/ground/question.hpp"
#include "upstream/http/http_outbox.hpp"
#include "upstream/http/http_transfer.hpp"
#include "upstream/http/session_probe.hpp"

#include <boost/intrusive/list.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gw::upstream {

// A request of the server, owned by the task that asks somebody.
struct HttpQuestion final
    : Question,
      boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
    std::shared_ptr<void> hold;  // What it takes of the budget, if it is large.
};

// Streamable HTTP of the session era (MCP 2025-11-25, basic/transports). Each call is a POST of its
// own, answered by JSON or by an event stream; a GET stream brings what lies outside of calls. A
// stream that breaks off is resumed by its last event id.
class HttpLink final : public Link, SessionProbe::Pinger {
public:
    // That the server may have open at a time; until our answer has come to it.
    static constexpr std::size_t questions_max = 64;

    // All references outlive it.
    HttpLink(
        LinkResources& around,
        const Config& config,
        HttpOrigin origin,
        mcp::Exchange& outside,
        const LinkPurpose& purpose
    );
    ~HttpLink() override;

    Task<Result<Slice>> open(std::string_view params) override;
    Task<Result<mcp::Answer>> call(const mcp::Request& request, mcp::Exchange& caller) override;
    void notify(std::string_view method, std::string_view params) override;

    bool is_usable() const override { return is_usable_; }

    // Ends a session also when that is opened so late that nobody waits for it any more.
    Task<> close() override;

    // `opened` is called when the server opens the session after open() was given up.
    void tell_late(std::function<void()> opened) { opened_late_ = std::move(opened); }

    // True when the server has given the session an id. Without one it cannot ask the client
    // anything: it would not know to whom an answer belongs.
    bool has_session_id() const { return !session_id_.empty(); }

    // The HTTP status by which initialize was refused, 200 if by an error; 0: it was not, or not
    // answered. Valid once open() has returned. Servers of HTTP+SSE refuse it with 400, 404 or 405.
    int refused_status() const { return refused_status_; }

private:
    struct Running;    // One call.
    struct Greeting;   // initialize, until the head of its answer has come.
    struct Resumable;  // What is known of an event stream that may have to be continued.

    using Connection = HttpConnection;

    std::string head(std::string_view method) const;
    bool redirect(HttpCall& call, Connection& connection);
    Task<> greet(std::string id, std::string params);

    Task<Result<Connection>> post(std::string_view message);
    Task<Result<mcp::Answer>> answer_of(Running& run, Connection& connection);
    Result<mcp::Answer> check(Running& run, Slice body) const;
    Result<mcp::Answer> refused(Running& run, Slice body) const;
    Task<Result<mcp::Answer>> settle(Running& run, Result<mcp::Answer> refusal);
    Task<SessionProbe::Outcome> ping() override;
    void doubt();
    Task<> probe();
    Task<Result<mcp::Answer>> read_events(Running& run, Connection& connection);
    Task<Result<bool>> read_stream(
        http::ClientConnection& connection, Resumable& state, Running* run
    );
    using Hold = std::shared_ptr<void>;
    Task<Result<void>> handle(Slice message, const Hold& hold, Running* run);
    Task<Result<void>> handle_one(std::string_view message, const Hold& hold, Running* run);
    void take_response(Running& run, Slice message, const Hold& hold, const mcp::Scan& scan) const;
    Running* find(std::string_view id);
    Task<Result<Connection>> resume(Resumable& state);
    Task<Result<Connection>> go_on(Running& run, Resumable& state);
    Task<Result<mcp::Answer>> await_answer(Running& run, Connection& connection);
    std::unexpected<Error> broken_off(const Running& run, Error why);

    void begin_question(
        std::string_view request, const mcp::Scan& scan, const Hold& hold, Running* run
    );
    Task<> answer_question(
        std::unique_ptr<HttpQuestion> question, std::string method, std::string params, Running* run
    );
    void reply(std::string message);
    void count_as_heard();
    std::vector<NumberText> stop_clocks(Running* run);
    void start_clocks(const std::vector<NumberText>& stopped);
    Task<> send_and_forget(std::string message);
    Task<> send_answer(std::unique_ptr<HttpQuestion> question, std::string message);
    void note_dropped(std::size_t count);
    Task<> listen();
    void lose();
    Task<> end_session();
    Task<> finish_notes();
    Task<> await_greeting();

    LinkResources& around_;
    const Config& config_;
    HttpOrigin origin_;
    mcp::Exchange& outside_;
    const std::function<void()> lost_;
    async::Gate greeting_;  // One task, which goes on when who opened the link has left.
    Result<Connection> greeted_{nullptr};
    async::Event was_greeted_;
    const HttpCall* greets_ = nullptr;  // That task's call.
    std::function<void()> opened_late_;
    async::Gate gate_;
    HttpOutbox notes_;        // Notifications on their way.
    HttpOutbox replies_;      // What is said at once to requests of the server.
    async::Visitors inside_;  // Calls, and open().
    std::string session_id_;
    std::string revision_;
    std::string post_head_;  // Of every POST, up to the value of Content-Length.
    std::uint64_t next_id_ = 1;
    boost::intrusive::list<
        HttpCall,
        boost::intrusive::base_hook<HttpCallHook>,
        boost::intrusive::constant_time_size<false>>
        running_;
    boost::intrusive::list<HttpQuestion, boost::intrusive::constant_time_size<false>> questions_;
    bool is_usable_ = true;
    int refused_status_ = 0;
    SessionProbe probe_;
    bool is_probing_ = false;  // Nobody waits for it.
    async::Event listening_;   // The GET stream is open, or refused.
    bool has_stream_ = false;  // The server has given one.
};

}  // namespace gw::upstream
