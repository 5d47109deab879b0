#pragma once

#include "base/clock.hpp"
#include "upstream/ground/config.hpp"

#include <optional>

namespace gw::upstream {

// Which era a server spoke when it was last asked, so that not every connection begins with a
// question that a server with sessions cannot answer, and may allocate something for. A verdict
// for sessions never fails by itself, so it expires.
class EraVerdict {
public:
    static constexpr std::chrono::minutes age_max{10};

    std::optional<Era> get(TimePoint now) const { return now < until_ ? era_ : std::nullopt; }

    void set(Era era, TimePoint now) {
        era_ = era;
        until_ = now + age_max;
    }

    // What the server answers does not fit any more.
    void forget() { era_.reset(); }

private:
    std::optional<Era> era_;
    TimePoint until_;
};

}  // namespace gw::upstream
