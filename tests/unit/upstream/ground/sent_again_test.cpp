#include "upstream/ground/sent_again.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gw::upstream {

// What GTest prints of a refusal.
// NOLINTNEXTLINE(readability-identifier-naming)
void PrintTo(const Refusal& refusal, std::ostream* out) {
    *out << (refusal.era == Era::sessions ? "sessions " : "stateless ") << refusal.status
         << " body " << static_cast<int>(refusal.body) << " code " << refusal.code.value_or(0)
         << " heard " << refusal.was_heard;
}

namespace {

using enum RefusalBody;
using enum Then;

constexpr auto sessions = Era::sessions;
constexpr auto stateless = Era::stateless;
constexpr std::array eras{sessions, stateless};
constexpr std::array bodies{own_error, other_error, other};

void expect(Then then, const Refusal& refusal) {
    EXPECT_EQ(what_then(refusal), then) << testing::PrintToString(refusal);
}

TEST(SentAgain, is_nothing_that_has_told_of_itself) {
    for (const auto era : eras) {
        for (const int status : {0, 200, 307, 400, 401, 404, 500}) {
            for (const std::int64_t code : {-32000, -32001, -32020, -32021, -32022, -32602}) {
                for (const auto body : bodies) {
                    const auto then = body == own_error ? passes : fails;
                    expect(then, {era, status, body, code, true, true});
                }
            }
        }
    }
}

TEST(SentAgain, is_nothing_without_an_answer) {
    for (const auto era : eras)
        expect(fails, {.era = era, .status = 0});
}

TEST(SentAgain, follows_redirects_that_keep_the_method) {
    for (const auto era : eras) {
        for (const auto body : bodies) {
            expect(follows, {.era = era, .status = 307, .body = body});
            expect(follows, {.era = era, .status = 308, .body = body});
        }
        for (const int status : {300, 301, 302, 303, 304})
            expect(fails, {.era = era, .status = status});
    }
}

TEST(SentAgain, takes_an_error_with_the_id_of_the_request_for_its_answer) {
    for (const auto era : eras) {
        for (const int status : {200, 402, 403, 409, 422, 429, 499, 500, 503}) {
            expect(passes, {.era = era, .status = status, .body = own_error, .code = -32602});
            expect(passes, {.era = era, .status = status, .body = own_error, .code = 7});
        }
    }
    for (const int status : {400, 404})
        expect(passes, {.era = sessions, .status = status, .body = own_error, .code = 7});
}

TEST(SentAgain, probes_behind_an_answer_that_may_tell_of_a_lost_session) {
    for (const std::int64_t code : {-32000, -32001, -32600}) {
        expect(passes_and_probes, {sessions, 200, own_error, code});
        expect(passes, {stateless, 200, own_error, code});
    }
}

TEST(SentAgain, fails_where_the_server_may_have_run_the_request) {
    for (const auto era : eras) {
        for (const int status : {403, 408, 409, 413, 421, 425, 429, 500, 501, 502, 503, 504, 599}) {
            for (const std::int64_t code : {-32000, -32001, -32020, -32022, -32600}) {
                expect(fails, {era, status, other_error, code});
                expect(fails, {era, status, other, code});
            }
        }
    }
}

TEST(SentAgain, probes_a_session_that_may_be_lost) {
    for (const int status : {400, 404}) {
        for (const std::int64_t code : {-32000, -32001})
            expect(probes, {sessions, status, own_error, code});
    }
    for (const int status : {400, 404, 410, 422}) {
        expect(probes, {.era = sessions, .status = status});
        expect(probes, {sessions, status, other_error, -32600});
        expect(probes, {sessions, status, other_error, -32000});
        expect(probes, {sessions, status, other_error, -32001});
    }
    expect(probes, {sessions, 200, other_error, -32001});
    expect(fails, {.era = sessions, .status = 200});
    for (const int status : {402, 405, 406, 415})
        expect(fails, {.era = sessions, .status = status});
}

TEST(SentAgain, takes_a_401_for_a_lost_session_only_where_one_was_named) {
    expect(probes, {.era = sessions, .status = 401, .has_session_id = true});
    expect(fails, {.era = sessions, .status = 401});
    expect(passes, {sessions, 401, own_error, -32001, false, true});
    for (const auto body : bodies)
        expect(fails, {stateless, 401, body, -32020});
}

TEST(SentAgain, knows_what_a_stateless_server_says_of_our_words) {
    for (const int status : {400, 404, 405, 422}) {
        for (const auto body : bodies) {
            expect(lists_again, {stateless, status, body, -32020});
            expect(renegotiates, {stateless, status, body, -32022});
        }
        expect(declares_tasks, {stateless, status, own_error, -32021});
    }
    for (const std::int64_t code : {-32020, -32021, -32022}) {
        for (const int status : {200, 500, 503})
            expect(passes, {stateless, status, own_error, code});
    }
}

TEST(SentAgain, probes_a_session_of_a_server_that_speaks_no_revision_with_sessions_any_more) {
    for (const int status : {200, 400, 404, 405, 422})
        expect(probes, {sessions, status, own_error, -32022});
    for (const int status : {401, 403, 500, 503})
        expect(passes, {sessions, status, own_error, -32022});
}

TEST(SentAgain, probes_behind_what_a_server_without_sessions_says_to_a_request_of_one) {
    for (const int status : {200, 400, 404, 405, 422})
        expect(passes_and_probes, {sessions, status, own_error, -32020});
    expect(passes_and_probes, {sessions, 400, own_error, -32602});
    for (const int status : {401, 403, 500, 503})
        expect(passes, {sessions, status, own_error, -32020});
    for (const int status : {200, 404, 422, 500})
        expect(passes, {sessions, status, own_error, -32602});
    for (const int status : {200, 400})
        expect(passes, {sessions, status, own_error, -32021});
}

TEST(SentAgain, asks_who_is_there_when_a_server_with_sessions_may_have_refused) {
    for (const int status : {400, 404, 405}) {
        expect(discovers, {.era = stateless, .status = status});
        expect(discovers, {stateless, status, other_error, -32600});
        expect(discovers, {stateless, status, own_error, -32000});
        expect(discovers, {stateless, status, own_error, -32019});
        expect(passes, {stateless, status, own_error, -32602});
        expect(passes, {stateless, status, own_error, 1001});
        for (const std::int64_t code : {-32600, -32601}) {
            expect(
                status == 405 ? passes : passes_or_discovers, {stateless, status, own_error, code}
            );
        }
    }
    for (const int status : {402, 406, 410, 422})
        expect(fails, {.era = stateless, .status = status});
}

TEST(RefusalWords, that_were_cut_are_equal_to_nothing) {
    const std::string page(RefusalWords::text_max, 'x');
    EXPECT_EQ(words_of(404, {}, page, {}, "1"), words_of(404, {}, page, {}, "2"));
    EXPECT_FALSE(words_of(404, {}, page + "y", {}, "1") == words_of(404, {}, page + "y", {}, "2"));
}

}  // namespace
}  // namespace gw::upstream
