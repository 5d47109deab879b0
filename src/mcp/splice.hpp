#pragma once

#include "base/assert.hpp"
#include "base/buffer.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace gw::mcp {

// A text of which a few parts are to be written differently, not copied until it is written out.
// The text itself belongs to somebody else, who keeps it for as long as the splice is used.
class Splice {
public:
    Splice() = default;

    // NOLINTNEXTLINE(google-explicit-constructor): a text is a splice without edits.
    Splice(std::string_view text) : text_(text), size_(text.size()) {}

    // Puts `with` in the place of `part`, a view into the text that no other edit touches; an
    // empty view at a position inserts there.
    void replace(std::string_view part, std::string with) {
        GW_ASSERT(count_ < edits_.size());
        const auto begin = static_cast<std::size_t>(part.data() - text_.data());
        size_ = size_ - part.size() + with.size();
        auto at = count_++;
        // What is inserted stands before what is replaced at the same place.
        const auto key = std::pair(begin, part.size());
        for (; at > 0 && std::pair(edits_[at - 1].begin, edits_[at - 1].size) > key; --at)
            edits_[at] = std::move(edits_[at - 1]);
        edits_[at] = Edit{begin, part.size(), std::move(with)};
    }

    std::string_view original() const { return text_; }

    std::size_t size() const { return size_; }

    void append_to(Buffer& out) const {
        std::size_t from = 0;
        for (std::size_t i = 0; i < count_; ++i) {
            const auto& edit = edits_[i];
            out.append(text_.substr(from, edit.begin - from)).append(edit.with);
            from = edit.begin + edit.size;
        }
        out.append(text_.substr(from));
    }

    std::string str() const {
        Buffer out;
        append_to(out);
        return std::string(out.view());
    }

private:
    struct Edit {
        std::size_t begin = 0;
        std::size_t size = 0;
        std::string with;
    };

    std::string_view text_;
    std::size_t size_ = 0;
    std::size_t count_ = 0;
    std::array<Edit, 4> edits_;  // A name, a progress token, and two to spare.
};

}  // namespace gw::mcp
