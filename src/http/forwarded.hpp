#pragma once

#include <optional>
#include <string_view>

// What proxies say of the requests that they pass on, in lists to which each appends. What stands
// before that may be anybody's words. So such a list is read from its end, and what is found there
// does not depend on what is before it.
namespace gw::http {

// Cuts the last element off a list, and returns it without the white space around it; an empty
// element is passed over (RFC 9110, 5.6.1.2). Empty when there is none. A comma in a quoted string
// does not count.
std::string_view take_last(std::string_view& list);

// An element of Forwarded (RFC 7239, 4). What it does not say is empty.
struct ForwardedElement {
    std::string_view node;  // Its parameter "for": who sent the request to the proxy.
    std::string_view proto;
    std::string_view host;

    bool operator==(const ForwardedElement&) const = default;
};

// Nothing for what is malformed, says one of these twice, or escapes what needs no escape.
std::optional<ForwardedElement> parse_forwarded(std::string_view element);

// What `node` says besides its port (RFC 7239, 6, and what stands in X-Forwarded-For): a numeric
// address without brackets, "unknown", or a name that hides one. Empty when it is malformed.
std::string_view host_of_node(std::string_view node);

}  // namespace gw::http
