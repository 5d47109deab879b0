// Reading never fails otherwise than by reporting, and what it accepts can be written down and read
// back. The first byte chooses the format.
#include "unit/app/reading.hpp"

#include <cstdint>
#include <cstdlib>
#include <set>
#include <string_view>

using gw::app::Settings;
using gw::app::test::environment_of;
using gw::app::test::Printer;
using gw::app::test::read_json;
using gw::app::test::read_yaml;

namespace {

// Two keys may have the same slug, which only check_settings() refuses.
bool has_twins(const Settings& settings) {
    std::set<std::string_view> names;
    for (const auto& upstream : settings.upstreams)
        if (!names.insert(upstream.name).second) return true;
    return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto environment = environment_of({{"A", "value"}, {"B", "${A} \"\\\r\n#: "}});
    const auto outcome =
        data[0] == '{' ? read_json(text, environment) : read_yaml(text, environment);
    if (outcome.report.has_errors() || has_twins(outcome.settings)) return 0;
    const auto again = read_yaml(Printer(outcome.settings).print(), environment);
    if (again.report.has_errors() || again.settings != outcome.settings) std::abort();
    return 0;
}
