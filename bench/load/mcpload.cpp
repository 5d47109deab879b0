// MCP load generator with its own upstream. Loopback only; every answer's id is checked.
//
//   mcpload --port GATEWAY [--path /mcp] [--upstream PORT] [--go FILE] [--conns 64] [--secs 3]
//           [--rate CALLS_PER_S] [--method tools/call|tools/list|ping] [--tool t0] [--args BYTES]
//           [--result BYTES] [--tools N] [--upstream-sse] [--no-session] [--sessions]
//           [--header 'Name: value']... [--warm SECONDS] [--calls N]
//           [--era legacy|modern] [--upstream-era legacy|modern]
//
// Modern is stateless: 2026-07-28. The upstream is of the era of the load unless told otherwise.
// The upstream listens at once. The load starts when FILE exists (or at once without --go): each
// connection opens its own session (not with --era modern or --no-session), warms up, then calls in
// a closed loop, or in an open loop with Poisson arrivals at --rate. With --sessions each "call" is
// a whole session: initialize, initialized, DELETE.
// --calls N ends after exactly N calls, without a warm-up: run twice with different N under an
// instruction counter and divide the difference, and start-up and sessions drop out. Prints one
// JSON line; latencies are in microseconds. Exit code 1 when an answer was wrong.
#include "load/load.hpp"

#include <cinttypes>
#include <cstdio>

namespace {

float quantile(const std::vector<float>& sorted, double share) {
    if (sorted.empty()) return 0;
    const auto at = static_cast<std::size_t>(static_cast<double>(sorted.size()) * share);
    return sorted[at < sorted.size() ? at : sorted.size() - 1];
}

void print(const bench::Outcome& outcome) {
    printf(
        "{\"calls\":%" PRIu64 ",\"rps\":%.0f,\"wrong\":%" PRIu64 ",\"unanswered\":%" PRIu64
        ",\"backlog\":%zu,\"upstream_calls\":%" PRIu64,
        outcome.finished,
        static_cast<double>(outcome.finished) / outcome.seconds,
        outcome.wrong,
        outcome.unanswered,
        outcome.backlog,
        outcome.upstream_calls
    );
    const auto& times = outcome.microseconds;
    printf(
        ",\"p50\":%.0f,\"p90\":%.0f,\"p99\":%.0f,\"p999\":%.0f,\"max\":%.0f}\n",
        quantile(times, .5),
        quantile(times, .9),
        quantile(times, .99),
        quantile(times, .999),
        quantile(times, 1)
    );
}

}  // namespace

int main(int argc, char** argv) {
    bench::Load load(bench::parse_options(argc, argv));
    fprintf(stderr, "ready\n");
    const auto outcome = load.run();
    print(outcome);
    if (outcome.wrong > 0) fprintf(stderr, "first wrong answer: %s\n", outcome.first_wrong.c_str());
    return outcome.wrong > 0 || outcome.unanswered > 0 ? 1 : 0;
}
