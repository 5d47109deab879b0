#include "app/call_command.hpp"

#include "app/as_client.hpp"
#include "app/exit_code.hpp"
#include "app/nearest.hpp"
#include "app/printable.hpp"
#include "app/typed_arguments.hpp"
#include "base/json.hpp"

#include <algorithm>
#include <ostream>
#include <utility>
#include <variant>

namespace gw::app {

namespace {

constexpr std::size_t blocks_max = 100'000;

// One block of the content, for people.
std::string block_text(std::string_view block) {
    const auto object = json::Object::parse(block);
    if (!object) return {};
    const auto type = object->string("type").value_or("");
    if (type == "text") return printable(object->string("text").value_or(""), true);
    if (type == "resource") {
        const auto inner = json::Object::parse((*object)["resource"]);
        if (inner && !(*inner)["text"].empty()) {
            return printable(inner->string("text").value_or(""), true);
        }
        return "[resource " + (inner ? printable(inner->string("uri").value_or("")) : "") + "]";
    }
    const auto detail = object->string(type == "resource_link" ? "uri" : "mimeType").value_or("");
    return "[" + printable(type + " " + detail) + "]";
}

Result<std::string> result_text(std::string_view result) {
    GW_TRY(const auto object, json::Object::parse(result));
    const auto content = object["content"];
    std::string text;
    if (!content.empty()) {
        GW_TRY(const auto blocks, json::elements(content, blocks_max));
        for (const auto block : blocks)
            text += block_text(block) + "\n";
    }
    if (text.empty()) text = printable(object["structuredContent"], true) + "\n";
    return text;
}

bool is_error(std::string_view result) {
    const auto object = json::Object::parse(result);
    return !object || (*object)["isError"] == "true";
}

Result<std::string> schema_of(const catalog::Listing& listing, const std::string& tool) {
    Nearest nearest(tool);
    for (const auto& item : listing.of(catalog::Kind::tools)) {
        nearest.consider(item.key);
        if (item.key != tool) continue;
        GW_TRY(const auto object, json::Object::parse(item.bytes));
        return std::string(object["inputSchema"]);
    }
    const auto best = nearest.best();
    return fail(
        Errc::invalid_params,
        "there is no tool \"" + tool + "\"" +
            (best.empty() ? ", and no other; `bascule status` says how the servers stand"
                          : "; the nearest is \"" + printable(best) + "\"")
    );
}

// What the server said instead of a result.
Error refusal(const mcp::Answer& answer) {
    const auto* refused = std::get_if<mcp::Refused>(&answer);
    if (refused == nullptr)
        return {
            Errc::capability_missing,
            "the tool asks its client something, which this command cannot answer",
            {},
            {}
        };
    const auto object = json::Object::parse(refused->error.view());
    const auto message = object ? object->string("message").value_or("") : "";
    const auto code = object ? std::string((*object)["code"]) : "";
    return {Errc::upstream_failed, printable(message) + " (" + code + ")", {}, {}};
}

// Prints the result. True when it is none of an error.
Task<Result<bool>> call(const CallQuery& query, GatewayClient& gateway, std::ostream& out) {
    GW_CO_TRY(const auto listing, co_await gateway.list());
    GW_CO_TRY(const auto schema, schema_of(*listing, query.tool));
    GW_CO_TRY(const auto arguments, to_arguments(query.arguments, schema));
    const auto params =
        R"({"name":)" + json::quoted(query.tool) + R"(,"arguments":)" + arguments + "}";
    mcp::Request request{
        .method = "tools/call", .params = std::string_view(params), .name = query.tool
    };
    GW_CO_TRY(const auto answer, co_await gateway.call(std::move(request)));
    const auto* completed = std::get_if<mcp::Completed>(&answer);
    if (completed == nullptr) co_return std::unexpected(refusal(answer));
    const auto result = completed->result.view();
    if (query.is_json) {
        out << json::without_line_breaks(std::string(result)) << "\n";
    } else {
        GW_CO_TRY(const auto text, result_text(result));
        out << text;
    }
    co_return !is_error(result);
}

}  // namespace

int call_tool(
    const CallQuery& query, const Environment& environment, std::ostream& out, std::ostream& err
) {
    const auto endpoint = choose_endpoint(query.endpoint, environment);
    if (!endpoint) return refuse(endpoint.error().text, err);
    int code = exit_ok;
    // NOLINTNEXTLINE(cppcoreguidelines-avoid-capturing-lambda-coroutines): awaited.
    const auto done = do_as_client(*endpoint, [&](GatewayClient& gateway) -> Task<Result<void>> {
        GW_CO_TRY(const bool is_good, co_await call(query, gateway, out));
        if (!is_good) code = exit_failed;
        co_return Result<void>();
    });
    return done ? code : tell_failure(done.error(), err);
}

}  // namespace gw::app
