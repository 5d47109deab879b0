#include "web/receive_proxy_header.hpp"

#include <array>
#include <span>

namespace gw::web {

Task<Result<ProxyHeader>> receive_proxy_header(net::ByteStream& stream) {
    std::array<char, proxy_header_bytes_max> bytes;  // NOLINT: filled as far as it is used.
    std::size_t has = 0;
    for (;;) {
        const std::string_view text(bytes.data(), has);
        GW_CO_TRY(const auto header, parse_proxy_header(text));
        if (header.is_whole(text)) co_return header;
        GW_CO_TRY(
            const auto count, co_await stream.read(std::span(bytes).subspan(has, header.size - has))
        );
        if (count == 0 && has == 0) co_return fail(Errc::cancelled, "the other side has gone");
        if (count == 0) co_return fail(Errc::malformed, "the PROXY header ends too early");
        has += count;
    }
}

}  // namespace gw::web
