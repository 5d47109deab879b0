#include "mcp/scan.hpp"

#include "base/json.hpp"
#include "base/json_scanner.hpp"
#include "mcp/scan_paths.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <tuple>
#include <vector>

namespace gw::mcp {

namespace {

// Walks the places of a message, one in another, and notes the parts on the way.
class Walk {
public:
    Walk(std::string_view text, Scan& out, int depth_max)
        : scanner_(text, depth_max), out_(out), depth_max_(depth_max) {}

    Result<void> message();

    // A response as far as it goes, however broken.
    bool is_response() const {
        const auto stands = [this](Part part) {
            return out_[part].begin != 0 || (ambiguous_ != nullptr && ambiguous_->part == part);
        };
        return !stands(Part::method) && (stands(Part::result) || stands(Part::error));
    }

private:
    bool object(Place place);
    bool member(Place place, std::string_view name);
    Result<void> other_than_object();
    std::unexpected<Error> failure();

    Span& span(Part part) { return out_.spans[static_cast<std::size_t>(part)]; }

    json::Scanner scanner_;
    Scan& out_;
    int depth_max_;
    const Path* ambiguous_ = nullptr;
};

Result<void> Walk::message() {
    scanner_.skip_space();
    if (scanner_.peek() != '{') return other_than_object();
    if (!object(Place::root) || !scanner_.at_end()) return failure();
    // What a result holds may be deeper: of a list one entry is left out for that, not all.
    if (scanner_.is_too_deep()) {
        if (!out_.has(Part::result)) return failure();
        out_.too_deep = scanner_.depth_found();
    }
    out_.has_line_breaks = scanner_.has_line_breaks();
    return {};
}

// The places are few and stand in one another at most three deep, which bounds the recursion.
bool Walk::object(Place place) {
    if (!scanner_.enter('{')) return false;
    if (scanner_.leave('}')) return true;
    do {
        const auto name = scanner_.name();
        if (name.empty() || !member(place, name)) return false;
    } while (scanner_.take(','));
    return scanner_.leave('}');
}

bool Walk::member(Place place, std::string_view name) {
    const auto [path, is_exact] = find_path(place, name, scanner_.is_plain());
    if (path == nullptr) return !scanner_.value().empty();
    if (!is_exact || span(path->part).begin != 0) {
        ambiguous_ = path;
        return false;
    }
    scanner_.skip_space();
    const auto begin = scanner_.position();
    const bool is_place = path->opens != Place::none && scanner_.peek() == '{';
    auto& place_of = span(path->part) = {static_cast<std::uint32_t>(begin), 0};
    if (is_place) {
        if (!object(path->opens)) return false;
    } else {
        const auto value = scanner_.value();
        if (value.empty()) return false;
        if (value == "null" && path->is_absent_when_null()) {
            out_.has_nulls = true;
            return true;
        }
    }
    place_of.size = static_cast<std::uint32_t>(scanner_.position() - begin);
    return true;
}

Result<void> Walk::other_than_object() {
    const bool is_array = scanner_.peek() == '[';
    if (scanner_.value().empty() || !scanner_.at_end()) return failure();
    return fail(
        Errc::invalid_request,
        is_array ? "batches are not accepted here" : "a message must be a JSON object"
    );
}

std::unexpected<Error> Walk::failure() {
    if (ambiguous_ == nullptr) {
        if (scanner_.is_too_deep()) return too_deep(scanner_.depth_found(), depth_max_);
        return scanner_.failure();
    }
    // An id of which there are two answers nothing.
    if (ambiguous_->part == Part::id) span(Part::id) = {};
    return fail(
        Errc::invalid_request,
        json::quoted(ambiguous_->name) + " stands twice, or with a name that differs only in case"
    );
}

std::unexpected<Error> invalid(const char* text) {
    return fail(Errc::invalid_request, text);
}

// JSON-RPC 2.0, section 5.1: the code "MUST be an integer", and there is a message. Clients drop a
// response whose error is anything else, and go on waiting.
bool is_error(std::string_view code, std::string_view message) {
    return json::integer(code).has_value() && message.starts_with('"');
}

// JSON-RPC 2.0, sections 4 and 5: what a request and a response consist of.
Result<void> check_envelope(std::string_view text, const Scan& scan) {
    const auto raw = [&](Part part) { return scan[part].of(text); };
    const auto is_kind = [&](Part part, char first) {
        return !scan.has(part) || raw(part).front() == first;
    };
    if (raw(Part::jsonrpc) != R"("2.0")") return invalid(R"("jsonrpc" must be "2.0")");
    if (!is_kind(Part::method, '"')) return invalid(R"("method" must be a string)");
    if (!is_kind(Part::params, '{')) return invalid(R"("params" must be an object)");
    if (!is_kind(Part::result, '{')) return invalid(R"("result" must be an object)");
    if (!is_kind(Part::error, '{')) return invalid(R"("error" must be an object)");
    if (scan.has(Part::error) && !is_error(raw(Part::error_code), raw(Part::error_message))) {
        return invalid(R"("error" must have an integer "code" and a string "message")");
    }
    const bool has_outcome = scan.has(Part::result) || scan.has(Part::error);
    if (scan.has(Part::method) && has_outcome) {
        return invalid(R"(a message has "method", or "result" or "error", not both)");
    }
    if (scan.has(Part::result) && scan.has(Part::error)) {
        return invalid(R"(a response has "result" or "error", not both)");
    }
    if (!scan.has(Part::method) && !has_outcome) {
        return invalid(R"(a message has "method", "result" or "error")");
    }
    if (scan.has(Part::error) && (!scan.has(Part::id) || raw(Part::id) == "null")) return {};
    if (scan.has(Part::result) && !scan.has(Part::id)) return invalid(R"(a result has an "id")");
    // MCP, basic, Requests: "Requests MUST include a string or integer ID", which is never null.
    if (!is_string_or_integer(raw(Part::id))) {
        return invalid(R"("id" must be a string or an integer)");
    }
    return {};
}

}  // namespace

bool is_string_or_integer(std::string_view value) {
    return value.starts_with('"') ||
           value.find_first_not_of("-0123456789") == std::string_view::npos;
}

std::string without_nulls(std::string_view text, const Scan& scan) {
    std::vector<std::size_t> places;
    for (const auto span : scan.spans) {
        if (span.size == 0 && span.begin != 0) places.push_back(span.begin);
    }
    std::ranges::sort(places, std::greater());  // So that those before stay where they are.
    std::string rest(text);
    for (const auto place : places) {
        const std::string_view all(rest);
        const auto member = json::whole_member(all, all.substr(place, 4));
        rest.erase(static_cast<std::size_t>(member.data() - all.data()), member.size());
    }
    return rest;
}

std::unexpected<Error> too_deep(int depth, int depth_max) {
    const auto found = depth > json::depth_most ? "over " + std::to_string(json::depth_most)
                                                : std::to_string(depth);
    return fail(
        Errc::invalid_request,
        "JSON nested " + found + " levels deep; limits.depth_max is " + std::to_string(depth_max)
    );
}

std::string_view id_of_broken(std::string_view text) {
    Scan found;
    if (text.size() > std::numeric_limits<std::uint32_t>::max()) return {};
    std::ignore = Walk(text, found, json::depth_most).message();
    const auto id = found[Part::id];
    // Log lines have ids, too: what does not say that it is a message is none.
    const bool is_message = found[Part::jsonrpc].of(text) == R"("2.0")";
    if (!is_message || found[Part::method].begin != 0) return {};
    // A number at the end may have been longer.
    const bool is_whole = std::size_t{id.begin} + id.size < text.size();
    return is_whole && is_string_or_integer(id.of(text)) ? id.of(text) : std::string_view();
}

Result<void> scan(std::string_view text, Scan& out, int depth_max) {
    if (text.size() > std::numeric_limits<std::uint32_t>::max()) {
        return fail(Errc::payload_too_large, "a message must be smaller than 4 GiB");
    }
    Walk walk(text, out, depth_max);
    auto outcome = walk.message();
    if (outcome) outcome = check_envelope(text, out);
    if (outcome) return outcome;
    const auto id = out[Part::id];
    const bool may_be_answered =
        outcome.error().kind == Errc::invalid_request && !walk.is_response();
    out = {};
    if (may_be_answered && is_string_or_integer(id.of(text))) {
        out.spans[static_cast<std::size_t>(Part::id)] = id;
    }
    return outcome;
}

}  // namespace gw::mcp
