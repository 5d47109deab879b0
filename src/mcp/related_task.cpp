#include "mcp/related_task.hpp"

#include "mcp/impl/members.hpp"

#include <utility>

namespace gw::mcp {

std::string without_related_task(std::string_view object) {
    impl::ObjectText text(object.size());
    impl::for_each_member(object, [&](const impl::Member& member) {
        if (member.name != "_meta" || !member.value.starts_with('{')) {
            text.add(member.quoted, member.value);
            return;
        }
        impl::ObjectText meta(member.value.size());
        impl::for_each_member(member.value, [&](const impl::Member& each) {
            if (each.name == "io.modelcontextprotocol/related-task") return;
            meta.add(each.quoted, each.value);
        });
        if (!meta.empty()) text.add(member.quoted, std::move(meta).str());
    });
    return std::move(text).str();
}

}  // namespace gw::mcp
