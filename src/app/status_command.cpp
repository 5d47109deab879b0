#include "app/status_command.hpp"

#include "app/exit_code.hpp"
#include "app/status_socket.hpp"
#include "app/status_text.hpp"

#include <ostream>

namespace gw::app {

int print_status(
    const StatusQuery& query, const Environment& environment, std::ostream& out, std::ostream& err
) {
    const auto found = find_gateways(query.gateways, environment);
    if (!found) return refuse(found.error().text, err);
    bool is_any = false;
    bool are_silent = false;
    for (const auto& path : found->paths) {
        const auto answer = ask_gateway(path, {.word = "status", .file = found->file});
        if (!answer) {
            const bool is_silent = answer.error().kind == Errc::timed_out;
            if (found->is_named || is_silent) tell(answer.error().text + found->hint, err);
            are_silent = are_silent || is_silent;
            continue;
        }
        const auto table = status_table(*answer);
        out << (is_any && !query.is_json ? "\n" : "")
            << (query.is_json || !table ? *answer : *table);
        is_any = true;
    }
    if (!is_any && !are_silent && !found->is_named) {
        err << "bascule: " << no_gateway << "\n";
    }
    return is_any ? exit_ok : exit_failed;
}

}  // namespace gw::app
