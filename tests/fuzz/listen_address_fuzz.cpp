#include "base/assert.hpp"
#include "net/listen_address.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

// What is understood is written as text that is understood in the same way.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto address = gw::net::parse_listen_address(text);
    if (!address) return 0;
    const auto again = gw::net::parse_listen_address(to_string(*address));
    GW_ASSERT(again && *again == *address);
    GW_ASSERT(address->is_unix() || gw::net::is_host(address->host));
    return 0;
}
