#pragma once

#include <cstdint>
#include <vector>

#include <viba/frame.h>

namespace viba {

/// What is remembered of each cell of the room, one row after the other. It never leaves the memory.
struct RoomCells {
  Size size;
  std::vector<std::uint16_t> y, u, v;           ///< mean colour, BT.601 limited, in 1/128
  std::vector<std::uint16_t> noise_y, noise_c;  ///< variance of luma, and of chroma, in 1/256 of a squared level
  std::vector<std::uint8_t> samples;            ///< how often it was seen, up to 200; 0: nothing is known
  std::vector<std::uint8_t> contrary;           ///< for how long the network has denied what is known, in 1/60 s

  /// Nothing is known. Allocates only for a larger size than before.
  void clear(Size of) {
    const auto cells = std::size_t(of.width) * std::size_t(of.height);
    for (auto* plane : {&y, &u, &v, &noise_y, &noise_c}) plane->assign(cells, 0);
    for (auto* plane : {&samples, &contrary}) plane->assign(cells, 0);
    size = of;
  }
};

/// How the light of now differs from that in which the room was learnt: now = gain * then + offset, a channel each.
struct Light {
  struct Channel {
    float gain = 1;
    float offset = 0;
  };
  Channel y, u, v;
};

}  // namespace viba
