#include "upstream/ground/sent_again.hpp"

#include "base/json.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace gw::upstream {

namespace {

// A few ranges of numbers, ends included.
struct Ranges {
    struct Range {
        std::int64_t first = 1;
        std::int64_t last = 0;  // Empty, as it is made.
    };

    std::array<Range, 10> ranges{};

    constexpr bool has(std::int64_t number) const {
        return std::ranges::any_of(ranges, [number](const Range& each) {
            return each.first <= number && number <= each.last;
        });
    }
};

template <typename... Numbers>
constexpr Ranges only(Numbers... numbers) {
    return {{Ranges::Range{numbers, numbers}...}};
}

constexpr Ranges between(std::int64_t first, std::int64_t last) {
    return {{Ranges::Range{first, last}}};
}

constexpr auto any =
    between(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());

// Statuses that a server may answer after it has run the request; none of them says that the
// session was lost.
constexpr Ranges never{
    {{{300, 399}, {403, 403}, {408, 409}, {413, 413}, {421, 421}, {425, 425}, {429, 429}, {500, 599}
    }}
};

// Those of a server that has read the request, but for those that are about who asks.
constexpr Ranges read_and_refused{{{{200, 200}, {400, 400}, {402, 402}, {404, 499}}}};

enum class Whose { any, own, not_own, other_error };

struct Row {
    std::optional<Era> era = {};  // None: any.
    Ranges statuses = any;
    Whose error = Whose::any;
    std::optional<Ranges> codes = {};  // None: any, and none.
    bool was_heard = false;            // False: it does not matter.
    bool has_session_id = false;       // The same.
    Then then = Then::fails;
};

using enum Then;

constexpr std::array rows{
    // A call of which something was heard has begun to run.
    Row{.error = Whose::own, .was_heard = true, .then = passes},
    Row{.was_heard = true, .then = fails},
    Row{.statuses = only(0), .then = fails},
    Row{.statuses = only(307, 308), .then = follows},
    // No revision with sessions is spoken any more: the server has become a stateless one.
    Row{.era = Era::sessions,
        .statuses = read_and_refused,
        .error = Whose::own,
        .codes = only(-32022),
        .then = probes},
    // So refuses a stateless server what has no envelope, or not the headers that mirror it; -32602
    // may as well be about the arguments.
    Row{.era = Era::sessions,
        .statuses = read_and_refused,
        .error = Whose::own,
        .codes = only(-32020),
        .then = passes_and_probes},
    Row{.era = Era::sessions,
        .statuses = only(400),
        .error = Whose::own,
        .codes = only(-32602),
        .then = passes_and_probes},
    Row{.era = Era::sessions,
        .statuses = only(200),
        .error = Whose::own,
        .codes = only(-32000, -32001, -32600),
        .then = passes_and_probes},
    Row{.statuses = only(200), .error = Whose::own, .then = passes},
    Row{.statuses = never, .error = Whose::not_own, .then = fails},
    // Server-everything answers so in a lost session, with the id of the request.
    Row{.era = Era::sessions,
        .statuses = only(400, 404),
        .error = Whose::own,
        .codes = only(-32000, -32001),
        .then = probes},
    Row{.era = Era::stateless, .statuses = only(401), .then = fails},
    Row{.era = Era::stateless,
        .statuses = between(400, 499),
        .codes = only(-32020),
        .then = lists_again},
    Row{.era = Era::stateless,
        .statuses = between(400, 499),
        .codes = only(-32022),
        .then = renegotiates},
    Row{.era = Era::stateless,
        .statuses = between(400, 499),
        .error = Whose::own,
        .codes = only(-32021),
        .then = declares_tasks},
    Row{.era = Era::stateless,
        .statuses = only(400, 404, 405),
        .codes = between(-32019, -32000),
        .then = discovers},
    Row{.era = Era::stateless,
        .statuses = only(400, 404, 405),
        .error = Whose::not_own,
        .then = discovers},
    // A server with sessions may say so to whoever names none.
    Row{.era = Era::stateless,
        .statuses = only(400, 404),
        .error = Whose::own,
        .codes = only(-32600, -32601),
        .then = passes_or_discovers},
    Row{.error = Whose::own, .then = passes},
    Row{.era = Era::sessions, .statuses = only(400, 404, 410, 422), .then = probes},
    Row{.era = Era::sessions, .statuses = only(401), .has_session_id = true, .then = probes},
    Row{.era = Era::sessions, .statuses = only(200), .error = Whose::other_error, .then = probes},
    Row{.then = fails},
};

constexpr bool is_whose(RefusalBody body, Whose whose) {
    switch (whose) {
        case Whose::any: return true;
        case Whose::own: return body == RefusalBody::own_error;
        case Whose::not_own: return body != RefusalBody::own_error;
        case Whose::other_error: return body == RefusalBody::other_error;
    }
    return false;
}

constexpr bool fits(const Row& row, const Refusal& refusal) {
    return (!row.era || row.era == refusal.era) && row.statuses.has(refusal.status) &&
           is_whose(refusal.body, row.error) &&
           (!row.codes || (refusal.code && row.codes->has(*refusal.code))) &&
           (!row.was_heard || refusal.was_heard) && (!row.has_session_id || refusal.has_session_id);
}

}  // namespace

Then what_then(const Refusal& refusal) {
    return std::ranges::find_if(rows, [&](const Row& row) { return fits(row, refusal); })->then;
}

RefusalWords words_of(
    int status,
    std::optional<std::int64_t> code,
    std::string_view body,
    std::string_view message,
    std::string_view id
) {
    const auto text = message.empty() ? body : message;
    const auto object = json::Object::parse(text);
    const auto own = object && (*object)["id"] == id ? (*object)["id"] : text.substr(0, 0);
    RefusalWords words{.status = status, .code = code};
    words.text = text.substr(0, static_cast<std::size_t>(own.data() - text.data()));
    words.text.append(text.substr(words.text.size() + own.size()));
    words.is_cut = words.text.size() > RefusalWords::text_max;
    if (words.is_cut) words.text.resize(RefusalWords::text_max);
    return words;
}

}  // namespace gw::upstream
