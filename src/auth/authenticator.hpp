#pragma once

#include "auth/principal.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/task.hpp"

#include <cstdint>
#include <string_view>

namespace gw::auth {

// What a request brings that may say who asks. The texts live as long as the request.
struct Credentials {
    std::string_view authorization;  // The header's value; empty when there is none.
    std::string_view client;  // Its numeric address, as far as trusted proxies name it, or "unix".
};

// The refusal of credentials, in the same words whatever is wrong with them: whoever tries some
// learns nothing.
std::unexpected<Error> not_let_in(const Credentials& credentials);

// What is known of credentials at once.
struct Lookup {
    enum class State : std::uint8_t {
        known,    // `who` has come.
        foreign,  // They are not for this authenticator: another one may know them.
        pending   // Somebody has to be asked: authenticate() is awaited.
    };

    State state = State::foreign;
    PrincipalHandle who = {};
};

// Tells who is asking. A port: the implementation decides which credentials count. It is one for
// all shards, and does not change. None of its functions allows because it could not check.
class Authenticator {
public:
    virtual ~Authenticator() = default;

    // On the way of every request, so it does no more than to look in what is in memory. `clock` is
    // for what ends at a time. Errc::unauthenticated when they are its own and not good.
    virtual Result<Lookup> find(const Credentials& credentials, const Clock& clock) const = 0;

    // The same when find() said that it is pending. It ends what it waits for when its fiber is
    // cancelled. Null for credentials that are foreign after all; Errc::unauthenticated only where
    // that was decided, any other error when it could not be.
    virtual Task<Result<PrincipalHandle>> authenticate(Credentials credentials, const Clock& clock)
        const;

    // Whether what `who` began may go on, who came at some time with credentials that were good
    // then, also by an authenticator before this one.
    virtual bool is_still_valid(const Principal& who, const Clock& clock) const = 0;

    // True when somebody can still come as this owner; else nothing of theirs may go on.
    virtual bool knows(const Owner& owner, const Clock& clock) const = 0;

    // True when something that is valid now may not be any more at a later time, by itself.
    virtual bool has_expiries() const = 0;

    // True when everybody is let in, so that names tell nobody apart.
    virtual bool is_open() const = 0;
};

}  // namespace gw::auth
