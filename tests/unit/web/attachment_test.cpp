#include "web/attachment.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace gw::test {
namespace {

TEST(Attachment, what_is_kept_ends_with_the_request) {
    const auto held = std::make_shared<int>(7);
    {
        web::Attachment attachment;
        EXPECT_TRUE(attachment.is_empty());
        attachment.emplace<std::shared_ptr<int>>(held);
        EXPECT_FALSE(attachment.is_empty());
        EXPECT_EQ(*attachment.as<std::shared_ptr<int>>(), 7);
        EXPECT_EQ(held.use_count(), 2);
    }
    EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace gw::test
