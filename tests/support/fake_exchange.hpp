#pragma once

#include "mcp/peer.hpp"

#include <string>
#include <vector>

namespace gw::test {

// The bytes of what an answer carries, whichever kind it is, on one line.
inline std::string bytes(const mcp::Answer& answer) {
    if (const auto* refused = std::get_if<mcp::Refused>(&answer)) {
        return "refused: " + std::string(refused->error.view());
    }
    if (const auto* required = std::get_if<mcp::InputRequired>(&answer)) {
        return "required: " + std::string(required->result.view());
    }
    return std::string(std::get<mcp::Completed>(answer).result.view());
}

inline std::string bytes(const Result<mcp::Answer>& answer) {
    return answer ? bytes(*answer) : to_string(answer.error());
}

inline mcp::Answer completed(std::string result) {
    return mcp::Completed{Slice(std::move(result)), {}};
}

// A caller that notes what it hears, and answers every question with `reply`.
class FakeExchange final : public mcp::Exchange {
public:
    std::vector<std::string> heard;
    std::string reply = "{}";

    Task<Result<void>> notify(mcp::Notification notification) override {
        heard.push_back(std::string(notification.method) + " " + std::string(notification.params));
        co_return Result<void>();
    }

    Task<Result<mcp::Answer>> ask(mcp::ServerRequest request) override {
        heard.push_back(std::string(request.method) + " " + std::string(request.params));
        co_return completed(reply);
    }
};

}  // namespace gw::test
