#include "app/reload_command.hpp"

#include "app/exit_code.hpp"
#include "app/outcome_text.hpp"
#include "app/status_socket.hpp"

#include <ostream>
#include <string>
#include <vector>

namespace gw::app {

namespace {

// The sockets at which a gateway answers, or is there and does not: then it may be the one.
std::vector<std::string> living(const GatewaySockets& sockets) {
    std::vector<std::string> found;
    for (const auto& path : sockets.paths) {
        const auto answer = ask_gateway(path, {.word = "status"});
        if (answer || answer.error().kind == Errc::timed_out) found.push_back(path);
    }
    return found;
}

int failed(std::string_view text, std::ostream& err) {
    tell(text, err);
    return exit_failed;
}

}  // namespace

int reload_gateway(
    const ReloadQuery& query, const Environment& environment, std::ostream& out, std::ostream& err
) {
    const auto sockets = find_gateways(query.gateways, environment);
    if (!sockets) return refuse(sockets.error().text, err);
    const auto gateways = sockets->is_named ? sockets->paths : living(*sockets);
    if (gateways.empty()) return failed(no_gateway, err);
    if (gateways.size() > 1) {
        std::string text = "several gateways of yours are running; give --config, or --socket and";
        for (const auto& path : gateways)
            text.append(&path == &gateways.front() ? " " : " or ").append(path);
        return refuse(text, err);
    }
    const auto answer = ask_gateway(gateways.front(), {.word = "reload", .file = sockets->file});
    if (!answer) return failed(answer.error().text + sockets->hint, err);
    const auto lines = outcome_lines(*answer);
    if (query.is_json) out << *answer;
    if (!lines) return query.is_json ? exit_usage : refuse(lines.error().text, err);
    if (!query.is_json) out << *lines;
    return exit_ok;
}

}  // namespace gw::app
