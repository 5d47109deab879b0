#pragma once

#include <cstddef>
#include <string_view>

namespace gw::app {

// Insertions, deletions and replacements of one character that lead from one text to the other
// (Levenshtein).
std::size_t edit_distance(std::string_view a, std::string_view b);

// Chooses among dotted names the one that somebody may have meant by `wanted`: the last part counts
// most, then that the parts before it are the same; the first considered wins a tie.
class Nearest {
public:
    explicit Nearest(std::string_view wanted) : wanted_(wanted) {}

    // `name` must live as long as this.
    void consider(std::string_view name);

    // Empty when nothing was considered.
    std::string_view best() const { return best_; }

private:
    std::string_view wanted_;
    std::string_view best_;
    std::size_t least_ = 0;
};

}  // namespace gw::app
