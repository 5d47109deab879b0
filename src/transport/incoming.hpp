#pragma once

#include "async/allowance.hpp"
#include "async/budget.hpp"
#include "auth/principal.hpp"
#include "base/buffer.hpp"
#include "base/clock.hpp"
#include "base/task.hpp"
#include "http/head.hpp"
#include "transport/failure.hpp"
#include "transport/large_bodies.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gw::transport {

// What a path leads to.
enum class Place : std::uint8_t { mcp, health, ready };

// One HTTP request, as far as it has been read and checked. The steps of the pipeline fill it in.
// Each request gets a fresh one: what is in it is never another request's.
struct Incoming {
    Incoming() = default;
    Incoming(const Incoming&) = delete;
    Incoming& operator=(const Incoming&) = delete;
    ~Incoming() = default;

    async::Allowance::Hold running;  // Its place among the requests that run, once it has a head.

    Buffer bytes;                      // The head, and after it the body.
    async::Budget::Hold room;          // What a large one takes of the budget of buffered bytes,
    std::unique_ptr<LargeBody> large;  // and whose that is.
    std::size_t head_size = 0;
    http::Head head;
    std::string_view body;
    std::string body_without_nulls;  // When it had some: what `body` is then.

    Place place = Place::mcp;
    std::string_view server_id;  // Of the path, for Place::mcp; empty for /mcp.
    bool is_stateless = false;   // Its header names a revision without sessions.
    std::uint16_t server = 0;    // The virtual server with that id.
    auth::Principal who;         // Without a name until it is authenticated.
    bool takes_json = false;
    bool takes_events = false;

    std::optional<HttpFault> fault;  // Why it is refused, where HTTP has a status of its own.

    // For the access log.
    TimePoint started;
    int status = 0;
    std::string_view rpc_method;

    // One for each request, of the same size: they are recycled like the frames of tasks.
    static void* operator new(std::size_t size) { return impl::allocate_frame(size); }

    static void operator delete(void* place, std::size_t size) { impl::free_frame(place, size); }

    std::string_view value(http::Field field) const {
        return head.value(field, bytes.view().substr(0, head_size));
    }
};

}  // namespace gw::transport
