#include "base/assert.hpp"
#include "net/impl/tunnel.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

// A tunnel opens only at the end of a head, and at no earlier byte; what was refused stays so.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view all(reinterpret_cast<const char*>(data), size);
    bool was_decided = false;
    for (std::size_t end = 0; end <= all.size() && end <= 16 * 1024; ++end) {
        const auto now = gw::net::impl::parse_tunnel_head(all.substr(0, end));
        GW_ASSERT(!was_decided || !now);
        if (now && *now) GW_ASSERT(all.substr(0, end).ends_with("\r\n\r\n"));
        was_decided = !now || *now;
    }
    return 0;
}
