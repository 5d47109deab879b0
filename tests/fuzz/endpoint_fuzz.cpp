#include "base/assert.hpp"
#include "net/endpoint.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

// What is understood is written as text that is understood in the same way.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto endpoint = gw::net::parse_endpoint(text);
    if (!endpoint) return 0;
    const auto again = gw::net::parse_endpoint(to_string(*endpoint));
    GW_ASSERT(again && *again == *endpoint);
    GW_ASSERT(endpoint->is_unix() || gw::net::is_host(endpoint->host));
    return 0;
}
