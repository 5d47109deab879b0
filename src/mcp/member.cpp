#include "mcp/member.hpp"

#include "mcp/impl/members.hpp"

namespace gw::mcp {

std::string_view member(std::string_view object, std::string_view name) {
    std::string_view found;
    impl::for_each_member(object, [&](const impl::Member& each) {
        if (each.name == name) found = each.value;
    });
    return found;
}

}  // namespace gw::mcp
