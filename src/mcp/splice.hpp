#pragma once

#include "base/buffer.hpp"

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace gw::mcp {

// A text of which some parts are to be written differently, not copied until it is written out.
// The text itself belongs to somebody else, who keeps it for as long as the splice is used.
//
// There may be any number of edits, made in any order. No two of them touch the same byte, whatever
// the parts are: what is announced as the size is always the size of what is written.
class Splice {
public:
    Splice() = default;

    // NOLINTNEXTLINE(google-explicit-constructor): a text is a splice without edits.
    Splice(std::string_view text) : text_(text) {}

    // Puts `with` in the place of `part`, a view into the text; an empty view at a position inserts
    // there, before what is replaced at the same place. Edits within `part` give way to this one.
    // It is not made if `part` is none of the text, or not whole beside the other edits.
    void replace(std::string_view part, std::string with) {
        if (!holds(part)) return;
        const auto begin = static_cast<std::size_t>(part.data() - text_.data());
        const auto end = begin + part.size();
        if (!edits_.empty() && !make_way(begin, end)) return;
        auto at = edits_.end();
        while (at != edits_.begin() && at[-1].is_behind(begin, end))
            --at;
        edits_.insert(at, Edit{begin, end, std::move(with)});
    }

    // Replaces `part` by what change(text) makes of it, where the text is `part` with the edits
    // that were made within it.
    template <typename Change>
    void rewrite(std::string_view part, Change change) {
        const auto edited = edited_part(part);
        replace(part, change(edited ? std::string_view(*edited) : part));
    }

    std::string_view original() const { return text_; }

    bool empty() const { return text_.empty() && edits_.empty(); }

    std::size_t size() const {
        std::size_t size = 0;
        each_piece([&](std::string_view piece) { size += piece.size(); });
        return size;
    }

    // Calls put(piece) for all that is to be written, in order.
    template <typename Put>
    void each_piece(Put put) const {
        std::size_t from = 0;
        for (const auto& edit : edits_) {
            put(text_.substr(from, edit.begin - from));
            put(std::string_view(edit.with));
            from = edit.end;
        }
        put(text_.substr(from));
    }

    void append_to(Buffer& out) const {
        each_piece([&](std::string_view piece) { out.append(piece); });
    }

    std::string str() const {
        std::string text;
        text.reserve(size());
        each_piece([&](std::string_view piece) { text.append(piece); });
        return text;
    }

private:
    struct Edit {
        // An insertion at the edge of a part is beside it.
        bool is_within(std::size_t first, std::size_t last) const {
            return begin >= first && end <= last && touches(first, last);
        }

        bool is_behind(std::size_t first, std::size_t last) const {
            return std::pair(begin, end) > std::pair(first, last);
        }

        bool touches(std::size_t first, std::size_t last) const {
            return begin < last && first < end;
        }

        std::size_t begin;
        std::size_t end;
        std::string with;
    };

    bool holds(std::string_view part) const {
        const std::less_equal<> is_before;
        return is_before(text_.data(), part.data()) &&
               is_before(part.data() + part.size(), text_.data() + text_.size());
    }

    // False if an edit is in the way that does not give way.
    bool make_way(std::size_t begin, std::size_t end) {
        const auto given = std::ranges::remove_if(edits_, [&](const Edit& each) {
            return each.is_within(begin, end);
        });
        edits_.erase(given.begin(), given.end());
        return std::ranges::none_of(edits_, [&](const Edit& each) {
            return each.touches(begin, end);
        });
    }

    // Nothing if nothing is edited there.
    std::optional<std::string> edited_part(std::string_view part) const {
        if (edits_.empty() || !holds(part)) return {};
        const auto begin = static_cast<std::size_t>(part.data() - text_.data());
        const auto end = begin + part.size();
        Splice inside(part);
        for (const auto& each : edits_) {
            if (!each.is_within(begin, end)) continue;
            inside.edits_.push_back({each.begin - begin, each.end - begin, each.with});
        }
        if (inside.edits_.empty()) return {};
        return inside.str();
    }

    std::string_view text_;
    boost::container::small_vector<Edit, 2> edits_;  // In the order of the text; most have one.
};

}  // namespace gw::mcp
