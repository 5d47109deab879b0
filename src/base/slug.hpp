#pragma once

#include <string>
#include <string_view>

namespace gw {

// `text` as it stands in names and paths: lower-case ASCII letters and digits, and `separator` for
// what was between words. Never fails, but may be empty, and two texts may have the same slug.
//
// The rule is that of ContextForge, whose users keep their qualified names: apostrophes inside
// words go, every run of what is neither letter nor digit becomes the separator, the ends are
// trimmed, and then letters are folded to ASCII; those that do not fold are dropped.
std::string slugify(std::string_view text, std::string_view separator = "-");

}  // namespace gw
