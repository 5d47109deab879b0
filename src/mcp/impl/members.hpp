#pragma once

#include "base/json.hpp"
#include "base/json_scanner.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace gw::mcp::impl {

// One member of an object, as it is written there.
struct Member {
    std::string_view quoted;  // The name in its quotes.
    std::string_view name;    // What the name spells; lives until the next member.
    std::string_view value;
};

// Calls visit(Member) for each member of `object`, JSON text that was checked before. Does nothing
// for what is no object. Other than json::Object it keeps nothing, and does not look for names that
// stand twice: mcp::scan has done that for those that matter.
template <typename Visit>
void for_each_member(std::string_view object, Visit visit) {
    json::Scanner scanner(object);
    if (!scanner.enter('{') || scanner.leave('}')) return;
    std::string spelled;
    do {
        Member member{.quoted = scanner.name(), .name = {}, .value = {}};
        if (member.quoted.empty()) return;
        if (scanner.is_plain()) {
            member.name = member.quoted.substr(1, member.quoted.size() - 2);
        } else {
            spelled = json::unquoted(member.quoted);
            member.name = spelled;
        }
        member.value = scanner.value();
        visit(member);
    } while (scanner.take(','));
}

// An object that is written member by member.
class ObjectText {
public:
    ObjectText() = default;

    // With room for so many bytes.
    explicit ObjectText(std::size_t size) { text_.reserve(size); }

    // `quoted` and `value` go out as they stand.
    ObjectText& add(std::string_view quoted, std::string_view value) {
        text_ += text_.empty() ? '{' : ',';
        text_.append(quoted).append(1, ':').append(value);
        return *this;
    }

    bool empty() const { return text_.empty(); }

    std::string str() && {
        if (text_.empty()) return "{}";
        text_ += '}';
        return std::move(text_);
    }

private:
    std::string text_;
};

}  // namespace gw::mcp::impl
