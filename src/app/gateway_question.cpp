#include "app/gateway_question.hpp"

#include "app/json_members.hpp"
#include "app/printable.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

namespace gw::app {

namespace {

constexpr std::string_view refused = "refused";

std::filesystem::path real(std::string_view file) {
    std::error_code error;
    auto path = std::filesystem::canonical(file, error);
    return error ? std::filesystem::path(file) : path;
}

}  // namespace

std::string GatewayQuestion::line() const {
    return word + (file.empty() ? "" : " " + file) + "\n";
}

GatewayQuestion GatewayQuestion::parse(std::string_view line) {
    const auto end = std::min(line.find(' '), line.size());
    return {
        std::string(line.substr(0, end)), std::string(line.substr(std::min(end + 1, line.size())))
    };
}

Result<void> check_is_ours(std::string_view file, const Sources& sources) {
    auto ours = sources.mcp_servers;
    if (sources.config) ours.insert(ours.begin(), *sources.config);
    std::string names;
    for (const auto& each : ours) {
        const auto path = real(each);
        if (path == real(file)) return {};
        names.append(names.empty() ? "" : ", ").append(printable(path.string()));
    }
    return fail(
        Errc::unavailable,
        "the gateway that answers there was not started on " + printable(std::string(file)) +
            ": it has " + (names.empty() ? "no file" : names)
    );
}

std::string refusal(const Error& error) {
    return Members().add_text(refused, error.text).object() + "\n";
}

Result<std::string> unless_refused(std::string answer) {
    if (!answer.starts_with("{\"refused\":")) return answer;
    GW_TRY(const auto object, json::Object::parse(answer));
    return fail(Errc::unavailable, json::unquoted(object[refused]));
}

}  // namespace gw::app
