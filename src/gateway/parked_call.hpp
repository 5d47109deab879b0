#pragma once

#include "async/event.hpp"
#include "async/wheel.hpp"
#include "auth/principal.hpp"
#include "catalog/visible_view.hpp"
#include "gateway/request_state.hpp"
#include "mcp/peer.hpp"
#include "session/session.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gw::gateway {

// A call of a stateless client to a server of the session era, in a fiber of its own: when the
// server asks something, the call stays where it is, its client is told what is needed, and goes on
// with it by calling again (2026-07-28, basic/patterns/mrtr). What happens in between is decided by
// Parks.
class ParkedCall final : public mcp::Exchange, public mcp::Withdrawable, public async::Timer {
public:
    struct Identity {
        std::uint64_t id = 0;
        std::string owner;          // Whom limits count it under.
        auth::PrincipalHandle who;  // Whose request it was, or the last that went on with it.
        RequestState state;         // As it is sealed, but for the round and the expiry.
        std::string named;          // By the client, if it is a tool or prompt.
        mcp::PeerHandle server;
    };

    // What the server waits for.
    struct Question {
        explicit Question(async::Loop& loop) : answered(loop) {}

        std::string method;
        std::string params;
        async::Budget::Hold hold;  // Of what it keeps.
        async::Event answered;
        std::optional<mcp::Answer> answer;
    };

    // Hears that a client did not come back in time, or so late that another call needs the room.
    class Keeper {
    public:
        // May destroy the call, if it has ended. `why` is what its server is told, and stays.
        virtual void expired(ParkedCall& call, std::string_view why) = 0;

    protected:
        ~Keeper() = default;
    };

    // `request` is copied; the session is kept alive.
    ParkedCall(
        Keeper& keeper,
        Identity identity,
        session::Session& session,
        const mcp::Request& request,
        async::Loop& loop
    );

    // ---- towards the server ----

    // Runs the call to its end; `outcome` is set then.
    Task<> run();

    // Goes to the client's request of the moment; between two of them nobody wants it.
    Task<Result<void>> notify(mcp::Notification notification) override;
    Task<Result<mcp::Answer>> ask(mcp::ServerRequest request) override;
    bool give_way() override;
    void set_withdrawable(mcp::Withdrawable* call) override;

    // ---- towards the client ----

    // Ends the call soon, and tells the server.
    void withdraw() override;

    // Gives the answers of an `inputResponses` object to those who asked. What nobody asked is
    // ignored; Errc::invalid_params, and nothing is given, when one is no object.
    Result<void> answer(std::string_view responses);

    // The result that tells the client what is asked, with a state good for one retry. It has
    // its turn.
    mcp::InputRequired input_required(const StateSeal& seal, TimePoint expires);

    // Errc::capability_missing when something is asked that a client with these cannot answer.
    Result<void> check_questions(const mcp::ClientCapabilities& client) const;

    bool has_questions() const { return !questions_.empty(); }

    bool is_withdrawn() const { return is_withdrawn_; }

    const Identity& identity() const { return identity_; }

    // Another request goes on with it, of the same owner.
    void continue_for(auth::PrincipalHandle who) { identity_.who = std::move(who); }

    std::uint32_t round() const { return identity_.state.round; }

    const session::Session& session() const { return *session_; }

    // True when its client could make the call now, by what it is shown.
    bool is_shown_in(const catalog::VisibleView& view) const;

    async::Event changed;  // There is a question, or the outcome.
    std::optional<Result<mcp::Answer>> outcome;
    mcp::Exchange* caller = nullptr;  // The client's request of the moment.
    bool is_abandoned = false;        // Nobody will come for the outcome.
    std::uint64_t turn = 0;           // Among those that wait for their clients; 0: it does not.

private:
    void expire() override { keeper_.expired(*this, "the client did not come back in time"); }

    Keeper& keeper_;
    async::Loop& loop_;
    Identity identity_;
    session::Use session_;
    mcp::Envelope envelope_;
    std::string method_;
    std::string params_;
    async::Budget::Hold hold_;  // Of them.
    mcp::Request request_;
    mcp::Withdrawable* running_ = nullptr;
    bool is_withdrawn_ = false;
    std::map<std::string, Question*, std::less<>> questions_;  // By key.
    unsigned next_key_ = 1;
};

}  // namespace gw::gateway
