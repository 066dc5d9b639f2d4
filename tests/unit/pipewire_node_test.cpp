#include "media/pipewire_node.h"

#include <gtest/gtest.h>

namespace viba {
namespace {

TEST(PipewireNode, IsNamedAfterItsWord) {
  EXPECT_EQ(parse_pipewire("pipewire"), "");
  EXPECT_EQ(parse_pipewire("pipewire:HD Webcam"), "HD Webcam");
  EXPECT_EQ(parse_pipewire("pipewire:"), "");
  EXPECT_EQ(parse_pipewire("pipewire:a:b"), "a:b");
  for (const char* other : {"", "pipe", "pipewires", "pipewire.mp4", "/dev/video0", "./pipewire", "PIPEWIRE"})
    EXPECT_EQ(parse_pipewire(other), std::nullopt) << other;
}

TEST(PipewireNode, OfViBaIsKnownInAnyProcess) {
  EXPECT_TRUE(is_published_by_viba({.name = std::string(kPublishedNode)}));
  EXPECT_TRUE(is_published_by_viba({.name = std::string(kPublishedNode) + ".Office"}));
  EXPECT_FALSE(is_published_by_viba({.name = "v4l2_input.usb-HD_Webcam", .description = "viba-camera"}));
}

}  // namespace
}  // namespace viba
