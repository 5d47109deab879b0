#include "gateway/fit_answer.hpp"

#include "gateway/translate_error.hpp"
#include "gateway/typed.hpp"
#include "mcp/results.hpp"

#include <string>
#include <utility>

namespace gw::gateway {

namespace {

// Whether it is the server that failed, not the call.
bool is_of_upstream(Errc kind) {
    return kind == Errc::upstream_failed || kind == Errc::upstream_unauthorized ||
           kind == Errc::timed_out;
}

// Behind one endpoint there are many servers: says which one it was.
void name_server(const Call& call, Error& error) {
    if (!call.server || !is_of_upstream(error.kind)) return;
    error.text.insert(0, std::string(call.server->name()) + ": ");
}

}  // namespace

void fit_answer(const Call& call, Result<mcp::Answer>& answer) {
    if (!answer) return name_server(call, answer.error());
    const auto& terms = call.session.terms();
    const bool has_sessions = features(terms.revision).sessions;
    if (auto* completed = std::get_if<mcp::Completed>(&*answer)) {
        downgrade(*completed, call.request.method, terms.revision, call.output);
        if (!has_sessions || !(completed->has_type || completed->is_stateless)) return;
        completed->result = Slice(mcp::untyped_result(completed->result.view()));
        completed->has_type = completed->is_stateless = false;
        return;
    }
    if (auto* refused = std::get_if<mcp::Refused>(&*answer)) {
        const Asker asker{
            .revision = terms.revision,
            .capabilities = terms.capabilities,
            .method = call.request.method,
            .quoted_uri = call.part(mcp::Part::uri)
        };
        auto translated = translate_error(std::move(*refused), asker);
        answer = std::move(translated);
        if (answer && call.stateless != nullptr)
            put_type(*answer, call);  // It may be a result now.
        return;
    }
    // Its questions were not asked: the server became a stateless one while the call ran.
    if (has_sessions) answer = fail(Errc::upstream_failed, "upstream asked for input too late");
}

}  // namespace gw::gateway
