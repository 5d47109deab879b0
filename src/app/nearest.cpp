#include "app/nearest.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace gw::app {
namespace {

// Longer texts are compared by their beginnings: keys are short, and input may not be.
constexpr std::size_t compared_max = 100;

// (what stands before the last dot, what stands behind it)
std::pair<std::string_view, std::string_view> split(std::string_view name) {
    const auto dot = name.rfind('.');
    if (dot == std::string_view::npos) return {"", name};
    return {name.substr(0, dot), name.substr(dot + 1)};
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
    a = a.substr(0, compared_max);
    b = b.substr(0, compared_max);
    // row[j]: the distance of the part of `a` that is done from the first j characters of `b`.
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j < row.size(); ++j)
        row[j] = j;
    for (std::size_t i = 0; i < a.size(); ++i) {
        auto diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            const auto replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

void Nearest::consider(std::string_view name) {
    const auto [wanted_parent, wanted_last] = split(wanted_);
    const auto [parent, last] = split(name);
    const auto distance = 4 * edit_distance(wanted_last, last) + (wanted_parent == parent ? 0 : 3);
    if (!best_.empty() && distance >= least_) return;
    best_ = name;
    least_ = distance;
}

}  // namespace gw::app
