#pragma once

#include "async/allowance.hpp"
#include "async/budget.hpp"
#include "auth/principal.hpp"
#include "base/buffer.hpp"
#include "base/clock.hpp"
#include "base/task.hpp"
#include "http/head.hpp"
#include "web/attachment.hpp"
#include "web/forwarding.hpp"
#include "web/large_bodies.hpp"
#include "web/refusal.hpp"
#include "web/router.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gw::web {

// One HTTP request, as far as it has been read and checked. Each request gets a fresh one: what is
// in it is never another request's.
struct Request {
    explicit Request(Handler& otherwise) : handler(&otherwise) {}

    Request(const Request&) = delete;
    Request& operator=(const Request&) = delete;
    ~Request() = default;

    async::Allowance::Hold running;  // Its place among the requests that run, once it has a head.

    Buffer bytes;                      // The head, and after it the body.
    async::Budget::Hold room;          // What a large one takes of the budget of buffered bytes,
    std::unique_ptr<LargeBody> large;  // and whose that is.
    std::size_t head_size = 0;         // 0 as long as there is none that can be read.
    http::Head head;
    std::string_view body;

    std::string_view peer;                   // Who connected: a numeric address, or "unix".
    const std::string* proxy = nullptr;      // The trusted proxy that sent it; null for none.
    std::unique_ptr<Forwarding> forwarding;  // What such a one says of it, and else null.

    const Resource* resource = nullptr;  // What its path leads to,
    const Route* route = nullptr;        // and its method; none for OPTIONS.
    PathParameters parameters{};
    Handler* handler;               // Answers it, if only by a refusal.
    auth::PrincipalHandle who;      // Null until it is authenticated, and where nobody has to be.
    bool awaits_principal = false;  // Somebody has to be asked who it is.
    bool has_waited = false;        // Some of its body came after its head was checked.
    Attachment attachment;          // What the handler keeps with it.

    std::optional<HttpFault> fault;  // Why it is refused, where HTTP has a status of its own.

    // For the access log and what is counted.
    TimePoint started;
    TimePoint::duration elsewhere{};  // What of its time a server had it to which it was passed on.
    int status = 0;
    std::string_view operation;  // What it asked for, in the words of the handler's protocol.

    // One for each request, of the same size: they are recycled like the frames of tasks.
    static void* operator new(std::size_t size) { return impl::allocate_frame(size); }

    static void operator delete(void* place, std::size_t size) { impl::free_frame(place, size); }

    // Its sender, as far as trusted proxies name him.
    std::string_view client() const {
        return forwarding && !forwarding->client.empty() ? forwarding->client : peer;
    }

    // The value of the first such header; empty when there is none.
    std::string_view value(http::Field field) const {
        return head.value(field, bytes.view().substr(0, head_size));
    }
};

}  // namespace gw::web
