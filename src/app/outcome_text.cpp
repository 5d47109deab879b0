#include "app/outcome_text.hpp"

#include "app/json_members.hpp"
#include "app/printable.hpp"

namespace gw::app {

namespace {

constexpr std::size_t entries_max = 10'000;

std::string texts_json(const std::vector<std::string>& texts) {
    std::string json;
    for (const auto& text : texts)
        json.append(json.empty() ? "" : ",").append(json::quoted(text));
    return "[" + json + "]";
}

std::string left_out_json(const std::vector<LeftOut>& left_out) {
    std::string json;
    for (const auto& upstream : left_out) {
        Members members;
        members.add_text("upstream", upstream.name)
            .add("keeps_old_state", upstream.is_kept ? "true" : "false")
            .add("reasons", texts_json(upstream.reasons));
        json.append(json.empty() ? "" : ",").append(members.object());
    }
    return "[" + json + "]";
}

std::string text_of(const json::Object& object, std::string_view name) {
    const auto value = object[name];
    return value.starts_with('"') ? printable(json::unquoted(value)) : std::string();
}

// A line for each text of the array `json`.
Result<void> add_lines(std::string& lines, std::string_view title, std::string_view json) {
    GW_TRY(const auto texts, json::elements(json, entries_max));
    for (const auto text : texts)
        lines.append(title).append(printable(json::unquoted(text))).append("\n");
    return {};
}

}  // namespace

std::string outcome_json(const Result<ChangeOutcome>& outcome) {
    Members members;
    if (!outcome) {
        members.add_text("error", outcome.error().text);
        if (!outcome.error().detail.empty()) members.add_text("detail", outcome.error().detail);
        return members.object() + "\n";
    }
    members.add_text("changed", outcome->changes.applied)
        .add_text("needs_restart", outcome->changes.needs_restart)
        .add("warnings", texts_json(outcome->warnings))
        .add("left_out", left_out_json(outcome->left_out));
    return members.object() + "\n";
}

Result<std::string> outcome_lines(std::string_view json) {
    GW_TRY(const auto object, json::Object::parse(json));
    if (!object["error"].empty()) {
        auto text = json::unquoted(object["error"]);
        if (!object["detail"].empty()) text += "\n" + json::unquoted(object["detail"]);
        return fail(Errc::invalid_params, std::move(text));
    }
    const auto changed = text_of(object, "changed");
    const auto needs_restart = text_of(object, "needs_restart");
    std::string lines = "changed: " + (changed.empty() ? "nothing" : changed) + "\n";
    if (!needs_restart.empty()) lines += "needs a restart: " + needs_restart + "\n";
    GW_DO(add_lines(lines, "warning: ", object["warnings"]));
    GW_TRY(const auto left_out, json::elements(object["left_out"], entries_max));
    for (const auto entry : left_out) {
        GW_TRY(const auto upstream, json::Object::parse(entry));
        const auto name = text_of(upstream, "upstream");
        const auto title = upstream["keeps_old_state"] == "true" ? name + ": keeps its old state: "
                                                                 : "left out: " + name + ": ";
        GW_DO(add_lines(lines, title, upstream["reasons"]));
    }
    return lines;
}

}  // namespace gw::app
