#include "mcp/input_required.hpp"

#include "base/json.hpp"
#include "mcp/impl/members.hpp"
#include "mcp/implementation.hpp"

#include <utility>

namespace gw::mcp {

namespace {

std::unexpected<Error> invalid(std::string detail) {
    return fail(
        Errc::upstream_failed, "the server sent an invalid request for input", std::move(detail)
    );
}

// `{"method": ..., "params": {...}}`; roots/list needs no params.
Result<InputRequest> parse_request(const json::Member& member) {
    const auto object = json::Object::parse(member.value);
    if (!object) return invalid(to_string(object.error()));
    const auto method = object->string("method");
    if (!method) return invalid(to_string(method.error()));
    const auto params = (*object)["params"];
    const bool needs_params =
        *method == "elicitation/create" || *method == "sampling/createMessage";
    if (!needs_params && *method != "roots/list") return invalid("it asks for " + *method);
    const bool may_lack = !needs_params && params.empty();
    if (!may_lack && !params.starts_with('{')) return invalid(*method + " has no params");
    return InputRequest{.key = member.name, .method = *method, .params = params};
}

}  // namespace

Result<InputRequests> parse_input_required(std::string_view result) {
    const auto object = json::Object::parse(result);
    if (!object) return invalid(to_string(object.error()));
    InputRequests input{.requests = {}, .state = (*object)["requestState"]};
    if (!input.state.empty() && !input.state.starts_with('"')) {
        return invalid("requestState is not a string");
    }
    const auto requests = object->object("inputRequests");
    if (!requests) return invalid(to_string(requests.error()));
    const auto all = json::Object::parse(*requests);
    if (!all) return invalid(to_string(all.error()));
    for (const auto& member : all->members()) {
        GW_TRY(auto request, parse_request(member));
        input.requests.push_back(std::move(request));
    }
    // "At least one of inputRequests or requestState MUST be present".
    if (input.requests.empty() && input.state.empty()) return invalid("it asks for nothing");
    return input;
}

std::string render_input_required(
    const std::vector<InputRequest>& requests, std::string_view quoted_state
) {
    impl::ObjectText asked;
    for (const auto& request : requests) {
        impl::ObjectText one;
        one.add(R"("method")", json::quoted(request.method));
        if (!request.params.empty()) one.add(R"("params")", request.params);
        asked.add(json::quoted(request.key), std::move(one).str());
    }
    impl::ObjectText text;
    text.add(R"("resultType")", R"("input_required")");
    if (!asked.empty()) text.add(R"("inputRequests")", std::move(asked).str());
    if (!quoted_state.empty()) text.add(R"("requestState")", quoted_state);
    impl::ObjectText meta;
    meta.add(R"("io.modelcontextprotocol/serverInfo")", implementation);
    text.add(R"("_meta")", std::move(meta).str());
    return std::move(text).str();
}

}  // namespace gw::mcp
