#include "upstream/ground/bounded_log.hpp"

#include <chrono>
#include <string>
#include <utility>

namespace gw::upstream {

void BoundedLog::write(std::string_view line) {
    if (wheel_.now() - second_ >= std::chrono::seconds(1)) {
        second_ = wheel_.now();
        written_ = 0;
        if (const auto count = std::exchange(left_out_, 0); count > 0) {
            log_(config_, std::to_string(count) + " lines were left out");
        }
    }
    if (written_ == lines_per_second_max) {
        ++left_out_;
        return;
    }
    ++written_;
    log_(config_, line);
}

}  // namespace gw::upstream
