// For each pitfall of a gateway: what must hold, the test that shows it, and a change of one line that makes that test
// fail. scripts/breaks.mjs tries them. `old` stands exactly once in `file`. `test`: { unit, name } names a program of
// build/dev and a test of gtest, { e2e, name } a file of tests/e2e and a test in it. Without `file` the change is still to be
// written.
const unit = (program, name) => ({ unit: `${program}_test`, name });
const e2e = (file, name) => ({ e2e: file, name });

export const breaks = [
  {
    pitfall: 1,
    holds: 'A session-era client that goes loses nothing: its call goes on and can be resumed.',
    test: e2e('resume', 'cut after every event and resumed: nothing lost, nothing doubled'),
    file: 'src/transport/post_stream.cpp',
    old: 'is_kept_ = stream_ != nullptr && session_.has_id() &&',
    new: 'is_kept_ = false && stream_ != nullptr && session_.has_id() &&',
  },
  {
    pitfall: 1,
    holds: 'A stateless client that goes cancels its call.',
    test: e2e('stateless-streams', 'closing the stream of a call cancels it at the server'),
  },
  {
    pitfall: 2,
    holds: 'A session-era client that goes does not close our stream at a stateless server.',
    test: e2e('stateless-pitfalls', 'a session-era client that goes does not cancel its call at a stateless server'),
  },
  {
    pitfall: 3,
    holds: 'A retry has another id, and the same arguments.',
    test: e2e('stateless-parks', 'the state for other arguments is refused, and the parked call can still be answered'),
  },
  {
    pitfall: 4,
    holds: 'Of two retries that race one wins.',
    test: e2e('stateless-parks', 'of two retries that race the first wins and the second is refused'),
  },
  {
    pitfall: 5,
    holds: 'Progress while parked is dropped.',
    test: e2e('stateless-parks', 'progress while parked is dropped, and that of the retry has its token'),
  },
  {
    pitfall: 6,
    holds: 'A stateless request without a log level gets no logs, whatever others asked for.',
    test: e2e('stateless-streams', 'a tool of a session server logs only for a request that says so'),
  },
  {
    pitfall: 7,
    holds: 'A storm of changes is told once.',
    test: unit('session', 'Session.tells_of_a_change_once_until_the_client_has_heard_of_it'),
    file: 'src/session/session.cpp',
    old: 'if (is_on_its_way) return;',
    new: '',
  },
  {
    pitfall: 7,
    holds: 'A server that comes back with the same lists changes nothing.',
    test: unit('gateway', 'CatalogueChange.that_changes_nothing_is_not_published'),
    file: 'src/gateway/catalogue.cpp',
    old: 'if (copy.listing && *copy.listing == **listing) return;',
    new: '',
  },
  {
    pitfall: 8,
    holds: 'A session that a server lost is opened again with its log level and subscriptions.',
    test: e2e('pitfalls', 'a session that the server has lost is opened again with its log level'),
    file: 'src/upstream/lease.cpp',
    old: 'if (log_level_ && profile_.has_logging) {',
    new: 'if (false) {',
  },
  {
    pitfall: 9,
    holds: 'A schema that changed at the server is fetched again before a mismatch is reported.',
    test: e2e('stateless-pitfalls', 'a schema that changed is fetched again before a header counts as wrong'),
  },
  {
    pitfall: 10,
    holds: 'Headers that mirror arguments are made for clients that know nothing of them.',
    test: e2e('stateless-pitfalls', 'arguments of a session-era client are mirrored into headers'),
  },
  {
    pitfall: 11,
    holds: 'Numbers keep their digits.',
    test: e2e('pitfalls', 'numbers keep their digits on the way there and back'),
    file: 'src/transport/post_answer.cpp',
    old: 'answered.id = scan[Part::id].of(text);',
    new:
      'static thread_local std::string lossy; ' +
      'lossy = std::to_string(static_cast<long long>(std::stod(std::string(scan[Part::id].of(text))))); ' +
      'answered.id = lossy;',
  },
  {
    pitfall: 12,
    holds: '`structuredContent` that is null is not the same as none.',
    test: e2e('stateless-pitfalls', 'structuredContent that is null arrives'),
  },
  {
    pitfall: 13,
    holds: 'The empty string is a cursor.',
    test: e2e('pitfalls', 'an empty cursor of a server is a cursor'),
    file: 'src/upstream/lease.cpp',
    old: 'if (next.empty() || next == "null" || next == cursor) break;',
    new: 'if (next.empty() || next == R"("")" || next == "null" || next == cursor) break;',
  },
  {
    pitfall: 14,
    holds: 'The version header may be missing, or an older one.',
    test: e2e('pitfalls', 'a client may leave the version header out, or send an older one'),
    file: 'src/transport/steps.cpp',
    old: 'if (mcp::parse_revision(version)) return {};',
    new: 'if (version == "2025-11-25" || version == "2026-07-28") return {};',
  },
  {
    pitfall: 15,
    holds: 'A server that has no GET stream is served.',
    test: e2e('pitfalls', 'a server without a GET stream is served'),
  },
  {
    pitfall: 16,
    holds: 'A server is asked for its era once.',
    test: e2e('stateless-pitfalls', 'a server is asked for its era once'),
  },
  {
    pitfall: 17,
    holds: 'Tools that a server adds right after initialize are seen.',
    test: e2e('pitfalls', 'tools that appear right after initialize are seen'),
    file: 'src/gateway/catalogue.cpp',
    old: '[made] { made->wake.set(); }',
    new: '[made] { (void)made; }',
  },
  {
    pitfall: 18,
    holds: 'A user is told which server asks.',
    test: e2e('stateless-goldens', 'a server of several that asks is named to the user'),
  },
  {
    pitfall: 19,
    holds: 'A server that may not see the roots is not told of any.',
    test: e2e('settings-upstreams', 'setting upstreams.NAME.allow.roots'),
    file: 'src/upstream/lease.cpp',
    old: 'if (!config.may_use_roots) capabilities.roots = capabilities.roots_list_changed = false;',
    new: '',
  },
  {
    pitfall: 20,
    holds: 'A session belongs to one principal.',
    test: unit('session', 'Registry.finds_a_session_for_its_principal_and_server_only'),
    file: 'src/session/registry.cpp',
    old: 'found->second->terms().who.name != who.name ||',
    new: '',
  },
  {
    pitfall: 20,
    holds: 'Two principals never share upstream sessions.',
    test: unit('session', 'Registry.requests_without_a_session_share_one_per_principal_server_and_revision'),
    file: 'src/session/registry.cpp',
    old: 'terms.capabilities == capabilities && terms.who.name == who.name) {',
    new: 'terms.capabilities == capabilities) {',
  },
  {
    pitfall: 20,
    holds: 'A parked call is answered by the principal whose it is.',
    test: e2e(
      'stateless-parks',
      'the state in the hands of somebody else is refused, and the parked call can still be answered',
    ),
  },
  {
    pitfall: 21,
    holds: 'A task that nobody declared to understand is a fault of the server.',
    test: e2e('stateless-pitfalls', 'a result of a kind that was not declared is a fault of the server'),
  },
  {
    pitfall: 22,
    holds: 'A subscription is acknowledged when the server has, but not much later.',
    test: e2e('stateless-pitfalls', 'a subscription is acknowledged after the server has, and soon'),
  },
  {
    pitfall: 23,
    holds: 'A server that asks outside of calls gets an answer at once.',
    test: e2e('stateless-parks', 'a server that asks outside of calls hangs nobody'),
  },
  {
    pitfall: 24,
    holds: 'What a server says unasked ends here.',
    test: e2e('pitfalls', 'progress that nobody asked for, and logs under the level, end here'),
    file: 'src/transport/post_exchange.cpp',
    old: 'return !level || *level >= *session_.log_level;',
    new: 'return true;',
  },
];
