#include "upstream/stdio/stdio_child.hpp"

#include "async/deadline.hpp"
#include "async/sleep.hpp"
#include "base/assert.hpp"
#include "base/json.hpp"
#include "upstream/stateless/stateless_words.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace gw::upstream {

namespace {

constexpr std::size_t pipe_bytes = std::size_t{64} * 1024;  // What a pipe holds on Linux.
constexpr std::size_t small_read = std::size_t{4} * 1024;
constexpr std::chrono::seconds probe_pause{1};  // At least, from one ping to the next.
constexpr std::chrono::seconds probe_max{5};
constexpr std::size_t small_line = std::size_t{64} * 1024;  // Larger ones are counted.

// Errc::unknown_session, because nothing of the request was written: a new process may have it.
std::unexpected<Error> gone() {
    return fail(Errc::unknown_session, "the upstream server's process has ended");
}

}  // namespace

StdioChild::StdioChild(const Parts& parts, mcp::Exchange& outside, std::function<void()> changed)
    : around_(parts.around),
      config_(parts.config),
      processes_(parts.processes),
      verdict_(parts.verdict),
      changed_(std::move(changed)),
      log_(config_, around_.log, around_.shard.wheel()),
      duplex_(around_.shard, around_.shard.wheel(), around_.limits, log_, *this, outside),
      gate_(around_.shard),
      last_used_(around_.shard.now()),
      unwritten_(around_.shard) {}

Task<> StdioChild::share() {
    GW_ASSERT(is_stateless_);
    is_shared_ = true;
    if (slot_) slot_->change_holder(holder({}));  // It serves nobody in particular.
    co_await duplex_.share();
}

Slice StdioChild::attach(const User& user, StatelessTerms& terms) {
    users_.push_back(&user);
    last_used_ = around_.shard.now();
    terms.set_version(version_);
    return Slice(profile_);
}

void StdioChild::detach(const User& user) {
    std::erase(users_, &user);
    changed_();
}

bool StdioChild::is_done(Time idle_max) const {
    if (!is_usable_) return duplex_.is_over() || !has_users();
    return !has_users() && around_.shard.now() - last_used_ > idle_max;
}

// Writes at once what fits into the pipe, which is nearly always all of it.
Result<void> StdioChild::send(Buffer message, std::optional<CallId> /*call*/) {
    if (!is_usable_) return gone();
    last_used_ = around_.shard.now();
    slot_->touch(last_used_);
    make_one_line(message);
    message.append("\n");
    if (!queue_.empty() && queued_bytes_ + message.size() > around_.limits.body_bytes_max) {
        return fail(Errc::too_many, "the upstream server does not read what it is sent");
    }
    queued_bytes_ += message.size();
    queue_.push_back(std::move(message));
    if (queue_.size() > 1) return {};  // write() is at it.
    if (auto done = write_queue(); !done) {
        is_usable_ = false;
        const bool is_begun = written_ > 0;
        queue_.clear();
        if (is_begun) return done;
        return gone();
    }
    if (!queue_.empty()) unwritten_.set();
    return {};
}

// Writes until the queue is empty or the pipe full.
Result<void> StdioChild::write_queue() {
    while (!queue_.empty()) {
        auto& line = queue_.front();
        GW_TRY(const auto count, process_->input().write_now(line.view().substr(written_)));
        if (count == 0) return {};
        written_ += count;
        if (written_ < line.size()) continue;
        queued_bytes_ -= line.size();
        queue_.pop_front();
        written_ = 0;
    }
    return {};
}

Task<> StdioChild::write() {
    auto& fiber = co_await this_fiber();
    while (!fiber.is_cancelled) {
        if (queue_.empty()) {
            co_await unwritten_.wait();
            continue;
        }
        if (!co_await process_->input().writable() || !is_usable_) co_return;
        if (const auto done = write_queue(); !done) co_return end(done.error());
    }
}

// Reads what the server writes, until that ends or breaks a limit. Then the child has ended.
Task<> StdioChild::read() {
    LineReader lines(around_.limits.body_bytes_max);
    Holds holds;
    for (;;) {
        const auto done = co_await process_->output().readable()
                              ? co_await read_lines(lines, holds)
                              : fail(Errc::upstream_failed, "the upstream server has ended");
        if (done) continue;
        process_->output().close();
        co_return end(done.error());
    }
}

Task<Result<void>> StdioChild::read_lines(LineReader& lines, Holds& holds) {
    const auto room = lines.prepare(lines.unfinished() > small_read ? pipe_bytes : small_read);
    GW_CO_TRY(const auto count, process_->output().read_now(room));
    if (!count) co_return Result<void>();
    if (*count == 0) co_return fail(Errc::upstream_failed, "the upstream server has ended");
    lines.commit(*count);
    for (;;) {
        auto line = lines.next();
        if (!line) {
            co_return fail(
                Errc::upstream_failed,
                "the upstream server sent a message over the limit (limits.upstream_body_bytes_max)"
            );
        }
        if (!*line) co_return co_await reserve(lines.unfinished(), holds);
        std::shared_ptr<void> hold;
        if (!holds.empty()) hold = std::make_shared<Holds>(std::exchange(holds, {}));
        duplex_.receive(std::move(**line), std::move(hold));
        if (duplex_.is_congested()) co_await duplex_.relieve();
    }
}

// Takes the room for a long line from the shard's budget, in steps that double. Nothing is read
// while there is none, but not for ever: two servers that each hold half a line would wait for each
// other.
Task<Result<void>> StdioChild::reserve(std::size_t size, Holds& holds) {
    auto& shard = around_.shard;
    while (size > small_line << holds.size()) {
        const async::Deadline deadline(
            shard.wheel(), shard.now() + config_.call_timeout, co_await this_fiber()
        );
        auto hold = co_await around_.budget.take(small_line << holds.size());
        if (!hold && deadline.has_expired()) {
            co_return fail(
                Errc::timed_out,
                "there was no room for what the server says (streams.buffered_bytes_max)"
            );
        }
        if (!hold) co_return std::unexpected(std::move(hold).error());
        holds.push_back(std::move(*hold));
    }
    co_return Result<void>();
}

// What is behind a process may have changed while it runs, if that is only a wrapper.
void StdioChild::doubt() {
    if (!is_open_ || !is_usable_ || is_stateless_ || std::exchange(is_probing_, true)) return;
    gate_.spawn(probe());
}

// A server with sessions answers every ping. Other errors are of one that has none to answer.
Task<> StdioChild::probe() {
    auto& shard = around_.shard;
    const bool is_due = co_await async::sleep_until(shard, shard.wheel(), next_probe_);
    if (!is_due || !is_usable_) co_return;
    next_probe_ = shard.now() + probe_pause;
    mcp::Nobody nobody;
    const mcp::Request ping{.method = "ping", .params = {}, .deadline = shard.now() + probe_max};
    const auto answer = co_await duplex_.call(ping, nobody);
    is_probing_ = false;
    const auto* refused = answer ? std::get_if<mcp::Refused>(&*answer) : nullptr;
    const auto error = json::Object::parse(refused != nullptr ? refused->error.view() : "");
    const auto code = error ? json::integer((*error)["code"]) : std::nullopt;
    if (!code || !may_lack_sessions(*code) || !is_usable_) co_return;
    log_.write("the process has no session any more, and gives way to another");
    verdict_.forget();
    is_usable_ = false;
    changed_();
}

Task<> StdioChild::watch() {
    auto& shard = around_.shard;
    co_await process_->watch();
    if (!process_->has_ended()) co_return;
    slot_.reset();
    if (is_closing_) co_return;
    log_.write("the process ended: " + process_->outcome());
    note_end();
    // Answers may still be in the pipe. Its end is not to be waited for: a process that has left
    // the group may keep it open.
    co_await async::sleep_until(
        shard, shard.wheel(), shard.now() + around_.limits.process_kill_after
    );
    process_->output().close();
    process_->errors().close();
}

void StdioChild::end(const Error& why) {
    note_end();
    duplex_.fail_all(why);
    changed_();
}

// Counts a crash once: the end of its stdout may be seen before or after that of the process.
void StdioChild::note_end() {
    is_usable_ = false;
    if (is_closing_ || std::exchange(has_crashed_, true)) return;
    if (was_spare_ && !is_open_) return;  // It may have broken long ago.
    processes_.note_crash(config_.name, around_.shard.now());
}

Task<> StdioChild::close() {
    is_closing_ = true;
    is_usable_ = false;
    co_await duplex_.close({Errc::cancelled, "the upstream session was closed", {}, {}});
    if (process_) co_await process_->stop(around_.limits.process_kill_after);
    if (process_ && !process_->has_ended()) log_.write("the process could not be ended");
    co_await gate_.close();
}

}  // namespace gw::upstream
