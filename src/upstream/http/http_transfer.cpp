#include "upstream/http/http_transfer.hpp"

#include "base/json.hpp"
#include "http/media_type.hpp"
#include "http/text.hpp"
#include "jsonrpc/message.hpp"
#include "mcp/scan.hpp"
#include "upstream/ground/incoming.hpp"
#include "upstream/ground/request_ids.hpp"
#include "upstream/ground/sent_again.hpp"
#include "upstream/http/growing_room.hpp"
#include "upstream/http/sse_link_endpoint.hpp"

#include <utility>

namespace gw::upstream {

using http::Field;
using http::Method;
using mcp::Part;

namespace {

// A URL as the log shows it: without user-info and query, and not all of a long one.
std::string shown(std::string_view url) {
    constexpr std::size_t shown_max = 200;
    url = url.substr(0, url.find_first_of("?#"));
    const auto host = url.find("//");
    const auto path = host == url.npos ? url.npos : url.find('/', host + 2);
    const auto user_end = host == url.npos ? url.npos : url.substr(0, path).rfind('@');
    std::string text(user_end == url.npos ? url : url.substr(0, host + 2));
    if (user_end != url.npos) text.append(url.substr(user_end + 1));
    return text.substr(0, shown_max);
}

}  // namespace

bool follow(
    HttpOrigin& origin,
    HttpCall& call,
    const http::ClientConnection& response,
    const LinkResources& around,
    const Config& config
) {
    const int status = response.head.status;
    if (status < 300 || status > 399) return false;
    const auto location = response.head.value(Field::location, response.head_text());
    const StreamUrl from{
        .is_tls = origin.pool.destination().tls != nullptr,
        .authority = origin.host,
        .path = origin.path
    };
    auto path = resolve_endpoint(location, from);
    const bool may_go = what_then({.status = status, .was_heard = call.was_heard}) == Then::follows;
    if (!may_go || !path || call.redirects++ == redirects_max) {
        around.log(
            config,
            "redirects (" + std::to_string(status) + ") to " + shown(location) +
                ", which is not followed: is upstreams." + config.name + ".url right?"
        );
        return false;
    }
    origin.path = *std::move(path);
    if (status == 308 && origin.moved != nullptr) *origin.moved = origin.path;
    return true;
}

std::unexpected<Error> refused_with(int status, const Config& config, std::string detail) {
    if (status == 401 || status == 403) {
        const bool has_none = status == 401 && config.headers.empty();
        return fail(
            Errc::upstream_unauthorized,
            has_none ? "upstream asks for credentials, and none are configured in its headers"
                     : "upstream refused the gateway's credentials",
            std::move(detail)
        );
    }
    const auto* text = "upstream refused the request";
    if (status < 300) text = "upstream answered with something else than MCP: is its url right?";
    if (status >= 300 && status <= 399) {
        text = "upstream redirects to another server, which is not followed";
    }
    return fail(Errc::upstream_failed, text, std::move(detail));
}

std::string begin_head(std::string_view method, const HttpOrigin& origin, const Config& config) {
    std::string text(method);
    text.append(" ").append(origin.path).append(" HTTP/1.1\r\nHost: ").append(origin.host);
    text.append("\r\nUser-Agent: bascule\r\nAccept-Encoding: identity\r\n");
    for (const auto& [name, value] : config.headers) {
        text.append(name).append(": ").append(value).append("\r\n");
    }
    return text;
}

Buffer render_post(
    std::string_view head,
    std::string_view more,
    std::string_view id,
    std::string_view method,
    const mcp::Splice& params
) {
    // Method names of ours need no escapes. The body is measured by what writes it.
    const auto body = [&](auto put) {
        put(jsonrpc::before_id);
        put(id);
        put(std::string_view(R"(,"method":")"));
        put(method);
        put(std::string_view(params.empty() ? R"(")" : R"(","params":)"));
        params.each_piece(put);
        put(std::string_view("}"));
    };
    std::size_t size = 0;
    body([&](std::string_view piece) { size += piece.size(); });
    Buffer out;
    out.prepare(head.size() + more.size() + size + 32);
    out.append(head).append(more);
    http::append_number(out, size);
    out.append("\r\n\r\n");
    body([&](std::string_view piece) { out.append(piece); });
    return out;
}

Task<Result<HttpConnection>> take(http::Pool& pool) {
    if (auto connection = pool.take_idle()) co_return connection;
    co_return co_await pool.connect();
}

Task<Result<HttpConnection>> exchange(http::Pool& pool, HttpCall& call, std::string_view message) {
    call.may_repeat = false;
    GW_CO_TRY(auto connection, co_await take(pool));
    if (call.is_withdrawn) {
        pool.give_back(std::move(connection));
        co_return fail(Errc::cancelled, "the request was withdrawn");
    }
    call.stream = &connection->stream();
    call.was_sent = true;
    std::array parts{message};
    Result<void> done;
    if (auto sent = connection->send_now(parts); !sent) {
        done = std::unexpected(std::move(sent).error());
    } else if (!*sent) {
        done = co_await connection->stream().write_rest(parts);
    }
    if (done) done = co_await connection->receive_head(Method::post, head_limits);
    if (done && !call.is_withdrawn) co_return connection;
    call.stream = nullptr;
    call.may_repeat = connection->is_used && !connection->has_answered && !call.is_withdrawn;
    connection->stream().close();
    pool.give_back(std::move(connection));
    if (done) co_return fail(Errc::cancelled, "the request was withdrawn");
    co_return std::unexpected(std::move(done).error());
}

bool is_event_stream(const http::ClientConnection& connection) {
    return http::is_media_type(
        connection.head.value(Field::content_type, connection.head_text()), "text/event-stream"
    );
}

Task<Result<Slice>> read_body(
    LinkResources& around, http::ClientConnection& connection, std::shared_ptr<void>& hold
) {
    const auto size_max = around.limits.body_bytes_max;
    const auto too_large = [] {
        return fail(
            Errc::upstream_failed,
            "upstream's answer is over the limit (limits.upstream_body_bytes_max)"
        );
    };
    if (connection.head.body == http::BodyKind::sized && !connection.is_encoded()) {
        const auto size = connection.head.content_length;
        if (size > size_max) co_return too_large();
        if (size > small_body) {
            GW_CO_TRY(auto taken, co_await take_room(around.budget, size));
            hold = shared(std::move(taken));
        }
        GW_CO_DO(co_await connection.receive_sized());
        co_return connection.take_body();
    }
    Buffer body;
    GrowingRoom room(around);
    for (;;) {
        GW_CO_TRY(const auto piece, co_await connection.next_piece());
        if (piece.empty()) break;
        const auto size = body.size() + piece.size();
        if (size > size_max) co_return too_large();
        if (!room.has(size)) {
            GW_CO_DO(co_await room.take(size));
        }
        body.append(piece);
    }
    hold = shared(room.finish(body.size()));
    const auto text = body.view();
    co_return Slice(std::move(body), text);
}

Result<void> check_answer(Slice& body, mcp::Scan& scan, std::string_view id, const Limits& limits) {
    const auto text = body.view();
    if (const auto scanned = mcp::scan(text, scan, limits.depth_max); !scanned) {
        // Revision 2025-03-26 may answer with a batch of one.
        const auto elements = json::elements(text, 1);
        scan = {};
        const bool is_one = elements && elements->size() == 1;
        if (is_one && mcp::scan(elements->front(), scan, limits.depth_max)) {
            body.narrow(elements->front());
        } else {
            return broken_message(scanned.error());
        }
    }
    if (!scan.is_response() || as_asked(scan[Part::id].of(body.view())) != id) {
        return fail(
            Errc::upstream_failed, "upstream sent a response with the id of another request"
        );
    }
    return {};
}

}  // namespace gw::upstream
