#pragma once

#include "upstream/ground/config.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Whether a request may be sent to its server again: the one place that says so.
namespace gw::upstream {

// What the body of a refusal is.
enum class RefusalBody {
    own_error,    // A JSON-RPC error with the id of the request.
    other_error,  // A JSON-RPC error with another id, with null, or with none.
    other,        // Text, nothing, or what is no message.
};

// What is known of an answer that is no result.
struct Refusal {
    Era era = Era::sessions;
    int status = 0;  // Of HTTP; 0: there was no answer.
    RefusalBody body = RefusalBody::other;
    std::optional<std::int64_t> code = {};  // Of a JSON-RPC error.
    bool was_heard = false;       // Progress, a log line or a question of the request came before.
    bool has_session_id = false;  // The request named a session.
};

// What is to be done about it.
enum class Then {
    fails,              // The server has failed, or may have run the request: never again.
    passes,             // It is the answer: never again.
    passes_and_probes,  // The same, but the session may be lost: the next request has to know.
    follows,            // Again where the server says, if that is of the same origin.
    probes,             // Again in a new session, if a ping shows that this one was not known.
    lists_again,        // Again once, if the headers that mirror it are others by the new list.
    renegotiates,       // Again once, in a revision that the server names and that is not ours.
    declares_tasks,     // Again once with the tasks extension, if the server lacks that.
    discovers,          // Again once in a session, if server/discover is refused in the same words
                        // and the server then opens one.
    passes_or_discovers,  // The same, but where that shows no server with sessions, it is the
                          // answer; and it is asked for only now and then.
};

// What is to be done about a refusal: the first row of the table that fits.
Then what_then(const Refusal& refusal);

// The words in which a server refuses. When a request that runs nothing, a ping in the same session
// or server/discover, is refused in the same words as a call, a check before the call refused it,
// and it was not run.
struct RefusalWords {
    static constexpr std::size_t text_max = 2048;

    int status = 0;
    std::optional<std::int64_t> code = {};
    std::string text = {};  // The message of the error, or the body; text_max bytes at most.
    bool is_cut = false;    // There was more.

    // Words that were cut are equal to nothing: they may go on in any way.
    bool operator==(const RefusalWords& other) const {
        return !is_cut && !other.is_cut && status == other.status && code == other.code &&
               text == other.text;
    }
};

// The words of a response to the request `id`, JSON. `message` is that of its error, as JSON. If it
// is empty the response has none, and the whole body counts, without the id of the request.
RefusalWords words_of(
    int status,
    std::optional<std::int64_t> code,
    std::string_view body,
    std::string_view message,
    std::string_view id
);

}  // namespace gw::upstream
