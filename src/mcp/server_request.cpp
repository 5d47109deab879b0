#include "mcp/server_request.hpp"

#include "base/json.hpp"
#include "mcp/envelope.hpp"
#include "mcp/impl/asked_form.hpp"
#include "mcp/impl/members.hpp"

#include <algorithm>

namespace gw::mcp {

namespace {

std::unexpected<Error> missing(std::string_view capability) {
    return fail(
        Errc::capability_missing,
        "the client does not support this request",
        {},
        R"({"requiredCapabilities":)" + std::string(capability) + "}"
    );
}

std::unexpected<Error> invalid(const Error& why) {
    return fail(
        Errc::upstream_failed, "the server sent an invalid request for input", to_string(why)
    );
}

// The params member by member, some of them changed.
class Change {
public:
    explicit Change(std::string_view params) : params_(params) {}

    void drop(std::string_view name) { rewrite(name, {}); }

    // Puts `value` in the place of the member's, or drops the member if that is empty.
    void rewrite(std::string_view name, std::string_view value) {
        impl::ObjectText text(params_.size() + value.size());
        bool is_changed = false;
        impl::for_each_member(params_, [&](const impl::Member& member) {
            const bool is_it = member.name == name;
            is_changed = is_changed || is_it;
            if (!is_it) text.add(member.quoted, member.value);
            if (is_it && !value.empty()) text.add(member.quoted, value);
        });
        if (is_changed) params_ = std::move(text).str();
    }

    void add(std::string_view quoted, std::string_view value) {
        impl::ObjectText text(params_.size() + quoted.size() + value.size());
        impl::for_each_member(params_, [&](const impl::Member& member) {
            text.add(member.quoted, member.value);
        });
        params_ = std::move(text.add(quoted, value)).str();
    }

    std::string str() && { return std::move(params_); }

private:
    std::string params_;
};

std::string without_token(std::string_view meta) {
    auto kept = session_meta(meta, {});
    return kept == "{}" ? std::string() : kept;
}

Result<void> adapt_url(
    Change& change, const json::Object& params, const Features& client, std::string_view minted_id
) {
    if (!client.elicitation_url) return missing(R"({"elicitation":{"url":{}}})");
    if (!client.elicitation_id) {
        change.drop("elicitationId");
    } else if (params["elicitationId"].empty()) {
        change.add(R"("elicitationId")", json::quoted(minted_id));
    }
    return {};
}

// Of revision 2025-06-18 a client knows forms only, so there is no mode to name.
Result<void> adapt_form(Change& change, const json::Object& params, const Features& client) {
    if (!client.elicitation) return missing(R"({"elicitation":{}})");
    if (client.elicitation_full) return {};
    change.drop("mode");

    const auto schema = impl::to_plain_form(params["requestedSchema"]);
    if (!schema) return invalid(schema.error());
    if (schema->empty()) return missing(R"({"elicitation":{"form":{}}})");
    change.rewrite("requestedSchema", *schema);
    return {};
}

Result<void> adapt_sampling(Change& change, const json::Object& params, const Features& client) {
    if (client.sampling_tools) return {};
    constexpr std::string_view capability = R"({"sampling":{"tools":{}}})";
    if (!params["tools"].empty() || !params["toolChoice"].empty()) return missing(capability);
    const auto messages = impl::to_single_contents(params["messages"]);
    if (!messages) return invalid(messages.error());
    if (messages->empty()) return missing(capability);
    change.rewrite("messages", *messages);
    return {};
}

}  // namespace

Result<std::string> adapt_request(
    std::string_view method,
    std::string_view params,
    const Features& client,
    std::string_view minted_id
) {
    if (params.empty()) return "";
    const auto object = json::Object::parse(params);
    if (!object) return invalid(object.error());
    Change change(params);
    if (!client.execution) change.drop("task");
    // Beside an answer nothing goes from such a client to a server.
    if (!client.sessions) change.rewrite("_meta", without_token((*object)["_meta"]));
    if (method == "sampling/createMessage") {
        GW_DO(adapt_sampling(change, *object, client));
    } else if (method == "elicitation/create") {
        const bool is_url = object->string("mode").value_or("form") == "url";
        GW_DO(
            is_url ? adapt_url(change, *object, client, minted_id)
                   : adapt_form(change, *object, client)
        );
    }
    return std::move(change).str();
}

}  // namespace gw::mcp
