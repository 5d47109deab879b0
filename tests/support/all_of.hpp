#pragma once

#include "catalog/visible_view.hpp"

namespace gw::test {

// What somebody sees who may see everything.
inline catalog::VisibleView all_of(const catalog::View& view) {
    return {view, nullptr};
}

}  // namespace gw::test
