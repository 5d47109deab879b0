#include "base/assert.hpp"
#include "http/forwarded.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// What a proxy appends is what is read first, whatever a client wrote before it; a list has an end,
// and its elements are parts of it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace gw;
    const std::string_view all(reinterpret_cast<const char*>(data), size);
    for (const std::string_view appended : {"for=\"[2001:db8::1]:80\";proto=https", "192.0.2.1"}) {
        std::string list(all);
        list.append(", ").append(appended);
        std::string_view rest = list;
        GW_ASSERT(http::take_last(rest) == appended);
        GW_ASSERT(rest == all);
    }
    auto rest = all;
    for (std::size_t left = rest.size();; left = rest.size()) {
        const auto element = http::take_last(rest);
        if (element.empty()) break;
        GW_ASSERT(rest.size() < left && element.size() <= left);
        if (const auto parsed = http::parse_forwarded(element)) {
            for (const auto part : {parsed->node, parsed->proto, parsed->host})
                GW_ASSERT(part.empty() || element.contains(part));
        }
        GW_ASSERT(element.contains(http::host_of_node(element)));
    }
    GW_ASSERT(rest.empty());
    return 0;
}
