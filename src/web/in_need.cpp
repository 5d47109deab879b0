#include "web/in_need.hpp"

#include "async/deadline.hpp"
#include "http/head.hpp"
#include "telemetry/metrics.hpp"
#include "web/health.hpp"
#include "web/http_server.hpp"
#include "web/receive_proxy_header.hpp"
#include "web/request.hpp"

#include <array>
#include <chrono>
#include <string>
#include <tuple>

namespace gw::web {

namespace {

constexpr std::chrono::milliseconds time_max{300};
constexpr http::HeadLimits limits{.bytes_max = 8 * 1024, .headers_max = 64};

// Reads the head of the request; false when none came.
Task<bool> receive_head(net::Stream& stream, Request& request) {
    auto& in = request.bytes;
    for (;;) {
        const auto count = co_await stream.read(in.prepare(limits.bytes_max));
        if (!count || *count == 0) co_return false;
        in.commit(*count);
        const auto size = http::parse_request(in.view(), limits, request.head);
        if (size && *size == 0) continue;
        request.head_size = size.value_or(0);
        co_return size.has_value();
    }
}

Buffer answer(net::Shard& shard, const Request& request) {
    ReplyStart start;
    start.turn(shard.now(), shard.clock());
    ReplyHead reply(start);
    reply.keeps_alive = false;
    reply.has_content = request.head.method() != http::Method::head;
    Buffer out;
    const auto target = request.head.target.of(request.bytes.view());
    if (target == "/health" || target == "/health/") {
        append_reply(out, reply, Health::good);
    } else {
        const Error error{Errc::unavailable, "the gateway has no file descriptors left", {}, {}};
        request.handler->refuse(out, reply, request, error);
    }
    return out;
}

Task<> exchange(
    HttpServer& server, net::Stream& stream, const std::string& peer, Handler& otherwise
) {
    if (server.expects_proxy_header(peer) && !co_await receive_proxy_header(stream)) co_return;
    if (!co_await stream.handshake()) co_return;
    Request request(otherwise);
    if (!co_await receive_head(stream, request)) co_return;
    const auto out = answer(server.shard(), request);
    std::array parts{out.view()};
    const auto written = stream.write_now(parts);
    if (written && !*written) std::ignore = co_await stream.write_rest(parts);
}

}  // namespace

Task<> answer_in_need(
    HttpServer& server, std::unique_ptr<net::Stream> stream, std::string peer, Handler& otherwise
) {
    auto& shard = server.shard();
    shard.metrics().count<telemetry::Metric::connections_refused>();
    {
        const async::Deadline deadline(
            shard.wheel(), shard.now() + time_max, co_await this_fiber()
        );
        co_await exchange(server, *stream, peer, otherwise);
    }
    stream->close();
    co_await stream->finish();
}

}  // namespace gw::web
