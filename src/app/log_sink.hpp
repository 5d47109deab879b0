#pragma once

#include "app/settings.hpp"
#include "base/clock.hpp"
#include "telemetry/log.hpp"

#include <initializer_list>
#include <string_view>

namespace gw::app {

// Writes log lines to standard error, each with one write, from any thread.
class LogSink {
public:
    LogSink(const Log& settings, const Clock& clock) : settings_(settings), clock_(clock) {}

    void write(
        telemetry::Level level,
        std::string_view event,
        std::initializer_list<telemetry::Field> fields = {}
    ) const;

private:
    Log settings_;
    const Clock& clock_;
};

}  // namespace gw::app
