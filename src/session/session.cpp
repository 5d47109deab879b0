#include "session/session.hpp"

#include "base/assert.hpp"
#include "base/json.hpp"
#include "jsonrpc/message.hpp"
#include "mcp/cancellation.hpp"
#include "mcp/scan.hpp"
#include "mcp/server_request.hpp"
#include "mcp/splice.hpp"

#include <algorithm>
#include <charconv>
#include <ranges>
#include <utility>

namespace gw::session {

namespace {

// One shared text for each: ten thousand streams may hold it at the same time.
Slice change_message(std::size_t which) {
    static const auto messages = [] {
        std::array<std::shared_ptr<const std::string>, list_changes.size()> made;
        for (std::size_t i = 0; i < list_changes.size(); ++i) {
            made.at(i) =
                std::make_shared<const std::string>(jsonrpc::notification(list_changes.at(i), {}));
        }
        return made;
    }();
    return Slice(messages.at(which));
}

constexpr std::size_t subscriptions_max = 1000;
constexpr std::size_t questions_max = 1000;  // That servers ask of one client at a time.

// Events end with a line, so a message is on one.
std::string one_line(std::string_view method, std::string_view params) {
    return jsonrpc::notification(method, json::without_line_breaks(params));
}

}  // namespace

Session::Session(Terms terms, Surroundings& around)
    : terms_(std::move(terms)),
      around_(around),
      get_stream_(0, counted_under, around.streams, around.loop, around.budget, around.kept) {}

Session::~Session() {
    GW_ASSERT(users == 0);
}

Task<Result<void>> Session::notify(mcp::Notification notification) {
    if (notification.method == resource_updated) {
        notify_updated(notification.params);
    } else {
        put(notification.method, notification.params);
    }
    co_return Result<void>();
}

void Session::notify_updated(std::string_view params) {
    if (!listeners_.empty()) {
        const auto object = json::Object::parse(params);
        const auto uri = object ? object->string("uri").value_or("") : std::string();
        for (auto& listener : listeners_)
            listener.updated(uri);
    }
    put(resource_updated, params);
}

void Session::put(std::string_view method, std::string_view params) {
    if (!has_id() || has_ended_) return;
    get_stream_.append(Slice(one_line(method, params)), around_.wheel.now());
}

Task<Result<mcp::Answer>> Session::ask(mcp::ServerRequest request) {
    return ask_on(get_stream_, request);
}

void Session::notify_changed(std::string_view method) {
    const auto* const found = std::ranges::find(list_changes, method);
    if (found == list_changes.end() || has_ended_) return;
    const auto which = static_cast<std::size_t>(found - list_changes.begin());
    for (auto& listener : listeners_)
        listener.list_changed(which);
    if (!has_id()) return;
    auto& last = changed_at_.at(which);
    const bool is_on_its_way = last > get_stream_.delivered && get_stream_.find(last) != nullptr;
    if (is_on_its_way) return;
    last = get_stream_.append(change_message(which), around_.wheel.now());
}

Result<bool> Session::subscribe(const std::string& uri) {
    if (subscribed_.contains(uri)) return false;
    if (subscribed_.size() >= subscriptions_max) {
        return fail(
            Errc::too_many,
            "a session has at most " + std::to_string(subscriptions_max) + " subscriptions"
        );
    }
    subscribed_.emplace(uri, around_.budget.take_now(uri.size()));
    return true;
}

void Session::end_listening() {
    for (auto& listener : listeners_)
        listener.end();
}

void Session::drain() {
    is_draining_ = true;
    end_listening();
    for (auto& [id, question] : questions_)
        question->answered.set();
}

EventStream& Session::open_stream() {
    prune_streams();
    streams_.push_back(std::make_unique<EventStream>(
        next_stream_++, counted_under, around_.streams, around_.loop, around_.budget, around_.kept
    ));
    return *streams_.back();
}

// What was delivered is kept for a client that lost its connection in that moment, but not without
// bounds, and not when memory is short.
void Session::prune_streams() {
    constexpr std::size_t kept_max = 256;
    std::size_t kept = 0;
    std::size_t bytes = 0;
    const bool is_short = around_.budget.used_by_all() > around_.budget.limit() / 2;
    for (auto& each : std::views::reverse(streams_)) {
        const auto& stream = *each;
        if (!stream.is_finished() || stream.users > 0 || stream.delivered < stream.last()) continue;
        bytes += stream.bytes();
        if (++kept > kept_max || bytes > around_.streams.bytes_max || is_short) each.reset();
    }
    std::erase(streams_, nullptr);
}

void Session::drop_stream(EventStream& stream) {
    if (stream.users > 0) return;  // A client has come back for it.
    std::erase_if(streams_, [&stream](const auto& each) { return each.get() == &stream; });
}

EventStream* Session::find_stream(std::uint32_t number) {
    if (number == 0) return &get_stream_;
    const auto found =
        std::ranges::find(streams_, number, [](const auto& s) { return s->number(); });
    return found == streams_.end() ? nullptr : found->get();
}

Task<Result<mcp::Answer>> Session::ask_on(EventStream& stream, mcp::ServerRequest request) {
    if (!can_ask()) co_return fail(Errc::capability_missing, "there is no client to ask");
    if (!mcp::allows(terms_.capabilities, request.method, request.params)) {
        co_return std::unexpected(mcp::refusal(terms_.capabilities, request.method));
    }
    if (questions_.size() >= questions_max) {
        co_return fail(Errc::too_many, "too many questions to the client at the same time");
    }
    const auto id = next_question_++;
    const auto id_text = std::to_string(id);
    Question question(around_.loop);
    GW_CO_TRY(auto text, phrase(question, id_text, request));
    stream.append(Slice(std::move(text)), around_.wheel.now());
    questions_.emplace(id, &question);
    const async::Deadline deadline(
        around_.wheel, around_.wheel.now() + around_.ask_timeout, co_await this_fiber()
    );
    const bool is_answered = co_await question.answered.wait() && question.answer;
    questions_.erase(id);
    if (is_answered) co_return std::move(*question.answer);
    if (is_draining_) co_return fail(Errc::capability_missing, "the gateway is shutting down");
    if (!stream.is_finished()) {
        const bool has_reason = request.taken_back != nullptr && !request.taken_back->empty();
        const auto params =
            mcp::cancelled_params(id_text, has_reason ? *request.taken_back : "no longer needed");
        stream.append(Slice(one_line("notifications/cancelled", params)), around_.wheel.now());
    }
    co_return deadline.stopped("the client");
}

// The request as the client gets it: in the words of its revision, with our id, which is the
// progress token as well.
Result<std::string> Session::phrase(
    Question& question, std::string_view id, mcp::ServerRequest request
) {
    auto minted_id = "bascule-" + std::string(id);  // Unique where it means something: here.
    GW_TRY(
        const auto params,
        mcp::adapt_request(request.method, request.params, features(terms_.revision), minted_id)
    );
    auto text = jsonrpc::request(id, request.method, json::without_line_breaks(params));
    mcp::Scan scan;
    if (request.from == nullptr || !mcp::scan(text, scan)) return text;
    const auto token = scan[mcp::Part::progress_token].of(text);
    if (token.empty()) return text;
    question.from = request.from;
    question.progress_token = token;
    mcp::Splice with_ours(text);
    with_ours.replace(token, std::string(id));
    return with_ours.str();
}

Session::Question* Session::find_question(std::string_view id) {
    std::uint64_t number = 0;
    const auto read = std::from_chars(id.data(), id.data() + id.size(), number);
    if (read.ec != std::errc() || read.ptr != id.data() + id.size()) return nullptr;
    const auto found = questions_.find(number);
    return found == questions_.end() ? nullptr : found->second;
}

bool Session::answered(std::string_view id, mcp::Answer answer) {
    auto* const question = find_question(id);
    if (question == nullptr || question->answer) return false;
    question->answer = std::move(answer);
    question->answered.set();
    return true;
}

void Session::progressed(std::string_view params, std::string_view token) {
    const auto* const question = find_question(token);
    if (question == nullptr || question->from == nullptr || question->answer) return;
    mcp::Splice with_theirs(params);
    with_theirs.replace(token, question->progress_token);
    question->from->notify("notifications/progress", with_theirs.str());
}

void Session::withdraw(std::string_view id, std::string reason) {
    for (auto& call : calls_) {
        if (call.id == id) return call.cancel(std::move(reason));
    }
}

void Session::end_invalid(const std::function<bool(const auth::Principal& who)>& is_valid) {
    for (auto& call : calls_) {
        if (call.who != nullptr && !is_valid(*call.who)) call.withdraw("no longer authorized");
    }
    for (auto& reader : readers_) {
        if (!is_valid(reader.who())) reader.end();
    }
}

void Session::end() {
    if (std::exchange(has_ended_, true)) return;
    end_listening();
    for (auto& call : calls_)
        call.withdraw({});
    for (auto& [id, question] : questions_)
        question->answered.set();
    get_stream_.finish();
    if (upstreams) upstreams->close();
}

void Session::expire(TimePoint now) {
    get_stream_.expire(now);
    std::erase_if(streams_, [now](const auto& stream) {
        stream->expire(now);
        return stream->is_finished() && stream->users == 0 && !stream->find(stream->last());
    });
}

}  // namespace gw::session
