#pragma once

#include "web/handler.hpp"

#include <cstdint>
#include <string_view>

namespace gw::web {

// What load balancers ask.
class Health final : public Handler {
public:
    enum class Question : std::uint8_t {
        alive,  // Is the process alive?
        ready   // Has it listed its servers, and takes new requests?
    };

    static constexpr std::string_view good = R"({"status":"healthy"})";

    explicit Health(Question question) : question_(question) {}

    Task<> serve(Connection& connection, Request& request) override;

    bool is_always_served() const override { return true; }

private:
    std::string_view text(bool is_good) const;

    Question question_;
};

}  // namespace gw::web
