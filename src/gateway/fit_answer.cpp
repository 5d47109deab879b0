#include "gateway/fit_answer.hpp"

#include "gateway/translate_error.hpp"
#include "gateway/typed.hpp"
#include "mcp/results.hpp"

#include <utility>

namespace gw::gateway {

void fit_answer(const Call& call, Result<mcp::Answer>& answer) {
    if (!answer) return;
    const auto& terms = call.session.terms();
    const bool has_sessions = features(terms.revision).sessions;
    if (auto* completed = std::get_if<mcp::Completed>(&*answer)) {
        downgrade(*completed, call.request.method, terms.revision, call.output);
        if (!completed->has_type || !has_sessions) return;
        completed->result = Slice(mcp::untyped_result(completed->result.view()));
        completed->has_type = false;
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
