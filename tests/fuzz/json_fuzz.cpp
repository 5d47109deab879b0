// The scanner accepts exactly what another strict parser accepts; an object's members are what that
// parser finds; and quoting is undone by reading.
#include "base/json.hpp"
#include "base/json_scanner.hpp"
#include "base/unicode.hpp"
#include "fuzz/json_oracle.hpp"

#include <cstdlib>

using namespace gw;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const auto size = utf8_size(text);
        if (size == 0) return false;
        text.remove_prefix(size);
    }
    return true;
}

void compare_members(const json::Object& object, const simdjson::dom::object& expected) {
    require(object.members().size() == expected.size());
    std::size_t i = 0;
    for (const auto field : expected) {
        simdjson::dom::parser parser;
        const auto& member = object.members()[i++];
        require(member.name == field.key);
        require(
            simdjson::minify(parser.parse(fuzz::readable(std::string(member.value))).value()) ==
            simdjson::minify(field.value)
        );
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::comparable(data, size);
    const bool accepted = json::is_valid(text);
    simdjson::dom::parser parser;
    simdjson::dom::element element;
    const auto error = parser.parse(fuzz::readable(text)).get(element);
    if (accepted) require(error == simdjson::SUCCESS);
    if (!fuzz::may_be_too_deep(text)) require(accepted == (error == simdjson::SUCCESS));
    const auto object = json::Object::parse(text);
    require((object || object.error().kind != Errc::malformed) == accepted);
    if (object) compare_members(*object, element.get_object().value());
    if (accepted) {
        require(json::is_valid(json::without_line_breaks(text)));
        require(json::as_unicode(text) == fuzz::readable(text));
        require(json::is_unicode(text) == (json::as_unicode(text) == text));
    }

    const std::string_view raw(reinterpret_cast<const char*>(data), size);
    const auto quoted = json::quoted(raw);
    require(json::is_valid(quoted));
    require(is_utf8(raw) == simdjson::validate_utf8(raw));
    require((json::unquoted(quoted) == raw) == is_utf8(raw));
    return 0;
}
