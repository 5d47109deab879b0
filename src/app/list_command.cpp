#include "app/list_command.hpp"

#include "app/as_client.hpp"
#include "app/exit_code.hpp"
#include "app/printable.hpp"
#include "base/json.hpp"
#include "base/unicode.hpp"

#include <algorithm>
#include <ostream>

namespace gw::app {

namespace {

// Templates belong to the resources.
bool is_wanted(const ListQuery& query, catalog::Kind kind) {
    return query.kind.empty() || catalog::names_of(kind).capability == query.kind;
}

std::string to_json(const ListQuery& query, const catalog::Listing& listing) {
    std::string text;
    for (const auto kind : catalog::kinds) {
        if (!is_wanted(query, kind)) continue;
        std::string items;
        for (const auto& item : listing.of(kind))
            items += (items.empty() ? "" : ",") + json::without_line_breaks(item.bytes);
        text += text.empty() ? "{" : ",";
        text += json::quoted(catalog::names_of(kind).member) + ":[" + items + "]";
    }
    return text + "}\n";
}

constexpr std::size_t summary_max = 120;

// The first line of what it says of itself.
std::string summary_of(const catalog::Item& item) {
    const auto object = json::Object::parse(item.bytes);
    if (!object) return {};
    for (const auto* name : {"description", "title", "name"}) {
        auto text = object->string(name).value_or("");
        if (text.empty() || text == item.key) continue;
        text.erase(std::min(text.find('\n'), text.size()));
        if (text.size() <= summary_max) return printable(text);
        return printable(utf8_prefix(text, summary_max)) + "...";
    }
    return {};
}

std::string to_text(const ListQuery& query, const catalog::Listing& listing) {
    constexpr std::size_t width_max = 48;
    std::string text;
    for (const auto kind : catalog::kinds) {
        const auto& items = listing.of(kind);
        // Of all kinds only those are shown of which there is something.
        if (!is_wanted(query, kind) || (query.kind.empty() && items.empty())) continue;
        text.append(text.empty() ? "" : "\n").append(catalog::names_of(kind).member);
        text += " (" + std::to_string(items.size()) + ")\n";
        std::size_t width = 0;
        for (const auto& item : items)
            width = std::max(width, std::min(item.key.size(), width_max));
        for (const auto& item : items) {
            auto line = "  " + printable(item.key);
            line.resize(std::max(line.size(), width + 2), ' ');
            line += "  " + summary_of(item);
            text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
        }
    }
    return text.empty() ? "nothing is listed; `bascule status` says how the servers stand\n" : text;
}

}  // namespace

int print_list(
    const ListQuery& query, const Environment& environment, std::ostream& out, std::ostream& err
) {
    const auto endpoint = choose_endpoint(query.endpoint, environment);
    if (!endpoint) return refuse(endpoint.error().text, err);
    const auto done = do_as_client(*endpoint, [&](GatewayClient& gateway) -> Task<Result<void>> {
        GW_CO_TRY(const auto listing, co_await gateway.list());
        out << (query.is_json ? to_json(query, *listing) : to_text(query, *listing));
        co_return Result<void>();
    });
    return done ? exit_ok : tell_failure(done.error(), err);
}

}  // namespace gw::app
