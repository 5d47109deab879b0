#include "app/log_sink.hpp"

#include <unistd.h>

namespace gw::app {

void LogSink::write(
    telemetry::Level level, std::string_view event, std::initializer_list<telemetry::Field> fields
) const {
    if (static_cast<int>(level) < static_cast<int>(settings_.level)) return;
    const auto format =
        settings_.format == LogFormat::json ? telemetry::Format::json : telemetry::Format::text;
    const auto line = telemetry::to_line(format, clock_.wall(), level, event, fields) + "\n";
    // A log that cannot be written is no reason to stop.
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace gw::app
