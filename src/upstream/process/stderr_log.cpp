#include "upstream/process/stderr_log.hpp"

#include "upstream/process/framing.hpp"

#include <algorithm>
#include <string>

namespace gw::upstream {

namespace {

constexpr std::size_t small_read = std::size_t{4} * 1024;
constexpr std::size_t line_bytes_max = std::size_t{8} * 1024;

}  // namespace

Task<> log_stderr(Descriptor& errors, BoundedLog& log) {
    LineReader lines(line_bytes_max);
    const auto write = [&log](const Buffer& line) {
        log.write("stderr: " + std::string(line.view()));
    };
    while (co_await errors.readable()) {
        const auto room = std::min(line_bytes_max - lines.unfinished(), small_read);
        const auto count = errors.read_now(lines.prepare(room).first(room));
        if (!count || *count == 0U) break;
        lines.commit(count->value_or(0));
        for (auto line = lines.next(); line && *line; line = lines.next())
            write(**line);
        if (lines.unfinished() == line_bytes_max) write(lines.take_rest());
    }
    if (lines.unfinished() > 0) write(lines.take_rest());
}

}  // namespace gw::upstream
