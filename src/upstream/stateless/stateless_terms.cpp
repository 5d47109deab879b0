#include "upstream/stateless/stateless_terms.hpp"

#include "base/json.hpp"
#include "mcp/envelope.hpp"
#include "mcp/member.hpp"

#include <utility>

namespace gw::upstream {

namespace {

bool is_empty_object(std::string_view text) {
    return text.find_first_not_of(" \t\r\n", 1) == text.size() - 1;
}

}  // namespace

void StatelessTerms::set_version(mcp::Revision version) {
    version_ = version;
    meta_.clear();
}

mcp::Answer StatelessTerms::set_level(const mcp::Request& request) {
    const auto text = request.params.str();
    const auto level = mcp::member(text, "level");
    level_ = level.starts_with('"') ? mcp::parse_log_level(json::unquoted(level)) : std::nullopt;
    return mcp::Completed{Slice(std::string("{}")), {}};
}

// A stateless client says its level with each request, and is not concerned by that of a session.
std::optional<mcp::LogLevel> StatelessTerms::level_of(const mcp::Request& request) const {
    return request.envelope != nullptr ? request.envelope->log_level : level_;
}

mcp::Splice StatelessTerms::with_envelope(const mcp::Request& request, std::string_view id) {
    auto params = request.params;
    if (params.empty()) params = std::string_view("{}");
    const auto level = level_of(request);
    const bool wants_progress = !request.progress_token.empty();
    const auto token = wants_progress ? id : std::string_view();
    const auto declared = declared_with(request);
    const auto enveloped = [&](std::string_view meta) {
        return wants_progress || declared != capabilities_
                   ? mcp::stateless_meta(meta, token, version(), declared, level)
                   : plain_meta(meta, level);
    };
    if (!request.meta.empty()) {
        params.rewrite(request.meta, enveloped);
        return params;
    }
    const auto meta = enveloped({});
    const auto text = params.original();
    std::string member;
    member.reserve(meta.size() + 10);
    member.append(R"("_meta":)").append(meta);
    if (!is_empty_object(text)) member.append(",");
    params.replace(text.substr(1, 0), std::move(member));
    return params;
}

const std::string& StatelessTerms::plain_meta(
    std::string_view meta, std::optional<mcp::LogLevel> level
) {
    if (meta_.empty() || meta_of_ != meta || meta_level_ != level) {
        meta_ = mcp::stateless_meta(meta, {}, version(), capabilities_, level);
        meta_of_ = meta;
        meta_level_ = level;
    }
    return meta_;
}

}  // namespace gw::upstream
