#pragma once

#include "http/head.hpp"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace gw::web {

class Handler;

// A set of methods.
class Methods {
public:
    constexpr Methods(std::initializer_list<http::Method> methods) {
        for (const auto method : methods)
            bits_ |= bit(method);
    }

    constexpr bool has(http::Method method) const { return (bits_ & bit(method)) != 0; }

private:
    static constexpr std::uint32_t bit(http::Method method) {
        return std::uint32_t{1} << static_cast<unsigned>(method);
    }

    std::uint32_t bits_ = 0;
};

// Who may ask: everybody, or who the authenticator lets in.
enum class Access : std::uint8_t { open, authenticated };

// One line of the table of what is served. Each member has to be given: nothing is served openly
// because somebody forgot to say otherwise.
struct Route {
    Route(
        Methods methods,
        std::string_view pattern,
        Access access,
        Handler& handler,
        std::string_view summary
    )
        : methods(methods), pattern(pattern), access(access), handler(&handler), summary(summary) {}

    Methods methods;  // OPTIONS is answered for every path, and HEAD only where it is named.
    std::string_view pattern;  // Literal segments, and "{name}" for one that may be anything.
    Access access;
    Handler* handler;
    std::string_view summary;  // What it is for, in a few words; part of the description.
};

// What stands in the place of the "{name}" of a pattern, in their order.
using PathParameters = std::array<std::string_view, 4>;

}  // namespace gw::web
