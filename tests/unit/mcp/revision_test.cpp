#include "mcp/revision.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gw::test {
namespace {

using mcp::Revision;

constexpr Revision revisions[] = {
    Revision::r2025_03_26, Revision::r2025_06_18, Revision::r2025_11_25
};

std::string row(Revision revision) {
    const auto& has = mcp::features(revision);
    std::string text;
    if (has.batches) text += " batches";
    if (has.priming_event) text += " priming";
    if (has.resource_links) text += " links";
    if (has.structured_content) text += " structured";
    if (has.elicitation) text += " elicitation";
    if (has.elicitation_url) text += " url";
    if (has.sampling_tools) text += " tools";
    return text;
}

TEST(Revision, is_read_as_it_is_written) {
    for (const auto revision : revisions) {
        EXPECT_EQ(mcp::parse_revision(to_string(revision)), revision);
    }
    EXPECT_EQ(to_string(mcp::newest), "2025-11-25");
    for (const auto* text : {"", "2024-11-05", "2026-07-28", "2025-11-25 ", "2025-11-2"}) {
        EXPECT_FALSE(mcp::parse_revision(text)) << text;
    }
}

TEST(Revision, has_what_its_change_log_says) {
    EXPECT_EQ(row(Revision::r2025_03_26), " batches");
    EXPECT_EQ(row(Revision::r2025_06_18), " links structured elicitation");
    EXPECT_EQ(row(Revision::r2025_11_25), " priming links structured elicitation url tools");
}

}  // namespace
}  // namespace gw::test
