#pragma once

#include "base/clock.hpp"
#include "upstream/ground/config.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <optional>
#include <utility>

namespace gw::upstream {

// Which eras a server speaks, as it has shown when it was asked, so that not every link begins with
// a question that the server cannot answer. A server may speak both, and says of itself only
// whether it speaks the stateless one: that it has sessions shows only when it is initialized.
//
// What it has shown holds for age_max: a server that has come to speak an era may still speak the
// other, so that nothing would fail. It is shared by all links to the server, of all shards.
class EraVerdict {
public:
    static constexpr std::chrono::minutes age_max{10};

    // Whether the server speaks this era; nothing when it is not known, or not any more.
    std::optional<bool> speaks(Era era, TimePoint now) const {
        const auto seen = word(era).load(std::memory_order_relaxed);
        const auto until = TimePoint(TimePoint::duration(seen < 0 ? -seen : seen));
        if (seen == 0 || now >= until) return {};
        return seen > 0;
    }

    // True when the server has spoken this era whenever it was asked last, however long ago.
    bool has_spoken(Era era) const { return word(era).load(std::memory_order_relaxed) > 0; }

    // The era for a link that prefers `preferred`: the other one only at a server that does not
    // speak that. Nothing when it has to be asked for.
    std::optional<Era> choice(Era preferred, TimePoint now) const {
        const auto is_spoken = speaks(preferred, now);
        if (is_spoken.value_or(false)) return preferred;
        const auto other = preferred == Era::sessions ? Era::stateless : Era::sessions;
        const bool may_be_other = is_spoken && speaks(other, now).value_or(true);
        return may_be_other ? std::optional(other) : std::nullopt;
    }

    // The server has spoken this era.
    void set(Era era, TimePoint now) { note(era, until(now)); }

    // It has refused this era.
    void deny(Era era, TimePoint now, std::chrono::seconds age = age_max) {
        note(era, -(now + age).time_since_epoch().count());
    }

    // The same of one that it may only have refused to this link: if it has spoken it lately, it is
    // asked once more.
    void doubt(Era era, TimePoint now) {
        speaks(era, now).value_or(false) ? note(era, 0) : deny(era, now);
    }

    // What the server answers does not fit any more: the next link asks.
    void forget() {
        note(Era::sessions, 0);
        note(Era::stateless, 0);
    }

private:
    // Until when it is known to speak the era; negative: not to. 0: it is not known.
    using Word = std::atomic<TimePoint::rep>;

    static TimePoint::rep until(TimePoint now) {
        return (now + age_max).time_since_epoch().count();
    }

    void note(Era era, TimePoint::rep value) {
        words_.at(std::to_underlying(era)).store(value, std::memory_order_relaxed);
    }

    const Word& word(Era era) const { return words_.at(std::to_underlying(era)); }

    std::array<Word, 2> words_{};
};

}  // namespace gw::upstream
