#include "mcp/revision.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gw::test {
namespace {

using mcp::Revision;

constexpr Revision revisions[] = {
    Revision::r2025_03_26, Revision::r2025_06_18, Revision::r2025_11_25, Revision::r2026_07_28
};

std::string row(Revision revision) {
    const auto& has = mcp::features(revision);
    std::string text;
    if (has.sessions) text += " sessions";
    if (has.batches) text += " batches";
    if (has.priming_event) text += " priming";
    if (has.resource_links) text += " links";
    if (has.structured_content) text += " structured";
    if (has.structured_any) text += " any";
    if (has.elicitation) text += " elicitation";
    if (has.elicitation_url) text += " url";
    if (has.elicitation_full) text += " full";
    if (has.elicitation_id) text += " id";
    if (has.sampling_tools) text += " tools";
    if (has.execution) text += " execution";
    if (has.result_type) text += " type";
    if (has.not_found_as_params) text += " params";
    return text;
}

TEST(Revision, is_read_as_it_is_written) {
    for (const auto revision : revisions) {
        EXPECT_EQ(mcp::parse_revision(to_string(revision)), revision);
    }
    EXPECT_EQ(to_string(mcp::newest_with_sessions), "2025-11-25");
    for (const auto* text : {"", "2024-10-07", "2026-07-29", "2025-11-25 ", "2025-11-2"}) {
        EXPECT_FALSE(mcp::parse_revision(text)) << text;
    }
}

TEST(Revision, the_first_is_spoken_like_the_next) {
    EXPECT_EQ(mcp::parse_revision("2024-11-05"), Revision::r2025_03_26);
}

TEST(Revision, has_what_its_change_log_says) {
    EXPECT_EQ(row(Revision::r2025_03_26), " sessions batches");
    EXPECT_EQ(row(Revision::r2025_06_18), " sessions links structured elicitation");
    EXPECT_EQ(
        row(Revision::r2025_11_25),
        " sessions priming links structured elicitation url full id tools execution"
    );
    EXPECT_EQ(
        row(Revision::r2026_07_28), " links structured any elicitation url full tools type params"
    );
}

}  // namespace
}  // namespace gw::test
