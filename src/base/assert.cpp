#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace gw::impl {

void assertion_failed(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "bascule: defect: %s (%s:%d)\n", condition, file, line);
    std::abort();
}

}  // namespace gw::impl
