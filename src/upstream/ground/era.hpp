#pragma once

#include "base/clock.hpp"
#include "upstream/ground/config.hpp"

#include <optional>

namespace gw::upstream {

// Which era a server spoke when it was last asked, so that not every link begins with a question
// that a server with sessions cannot answer. The links of a shard to one server share it.
//
// It expires after age_max: a server that has become stateless may still know sessions, so that
// nothing would fail.
class EraVerdict {
public:
    static constexpr std::chrono::minutes age_max{10};

    // The era; nothing when it is not known, or not any more.
    std::optional<Era> get(TimePoint now) const { return now < until_ ? era_ : std::nullopt; }

    // The server has shown itself to be of this era.
    void set(Era era, TimePoint now) {
        era_ = era;
        until_ = now + age_max;
    }

    // What the server answers does not fit the era any more: the next link asks.
    void forget() { era_.reset(); }

private:
    std::optional<Era> era_;
    TimePoint until_;
};

}  // namespace gw::upstream
