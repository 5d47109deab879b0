#include "base/assert.hpp"
#include "web/proxy_header.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

// A header that comes byte by byte is never known to be longer than it turns out to be, so that
// nothing behind it is read; it is small; what was refused stays so; what follows changes nothing.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace gw;
    const std::string_view all(reinterpret_cast<const char*>(data), size);
    std::size_t least = 0;
    bool is_refused = false;
    for (std::size_t end = 0; end <= all.size() && end <= web::proxy_header_bytes_max; ++end) {
        const auto header = web::parse_proxy_header(all.substr(0, end));
        GW_ASSERT(!is_refused || !header);
        is_refused = !header;
        if (is_refused) continue;
        GW_ASSERT(header->size >= least && header->size <= web::proxy_header_bytes_max);
        least = header->size;
        if (!header->is_whole(all.substr(0, end))) continue;
        GW_ASSERT(header->size == end);
        const auto with_more = web::parse_proxy_header(all);
        GW_ASSERT(with_more && with_more->size == end && with_more->source == header->source);
        return 0;
    }
    return 0;
}
