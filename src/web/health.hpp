#pragma once

#include "web/handler.hpp"

#include <cstdint>
#include <string_view>

namespace gw::web {

// What load balancers ask.
class Health final : public Handler {
public:
    enum class Probe : std::uint8_t {
        alive,  // Is the process alive?
        ready   // Has it listed its servers, and takes new requests?
    };

    static constexpr std::string_view good = R"({"status":"healthy"})";

    explicit Health(Probe probe) : probe_(probe) {}

    Task<> serve(Connection& connection, Request& request) override;

    bool is_always_served() const override { return true; }

private:
    std::string_view text(bool is_good) const;

    Probe probe_;
};

}  // namespace gw::web
