#pragma once

#include <vector>

#include <viba/frame.h>
#include <viba/matte.h>

#include "composite/cell_map.h"
#include "composite/edge_colors.h"
#include "composite/light_wrap.h"

namespace viba {

/// Lays the person of a plane over a background; see `Blender`. Thread-safety: none.
class PlaneBlender {
 public:
  PlaneBlender(EdgeVariances variances, double light_wrap) : variances_(variances), light_(light_wrap) {}

  /// The matte of the planes to come, at their size, which has to last as long as they do.
  void look(ConstPlane alpha);
  [[nodiscard]] const CellMap& map() const { return map_; }
  void blend(ConstPlane person, ConstPlane behind, RoomPlane room, Plane out);

 private:
  struct Picture {
    ConstPlane person, behind;
    Plane out;
  };
  void blend_edge(const Picture& picture, int y, int first, int end);

  EdgeVariances variances_;
  ConstPlane alpha_;
  CellMap map_;
  EdgeColors colors_;
  LightWrap light_;
};

/// out = alpha·F + (1 − alpha)·behind on the planes of I420, where F is the person's own colour: at
/// the edge a pixel of `person` is a mixture with the room, which `blend_edge_row` takes out.
/// Alpha is at luma's size; for chroma it is the mean of its 2x2 pixels. Exact at both ends: alpha 0
/// gives `behind`'s bytes, 255 `person`'s where no light falls. All of one size. Thread-safety: none, it keeps scratch
/// memory.
class Blender {
 public:
  /// `light_wrap` 0..100 is how much of the background's light falls on the person's edge; see `LightWrap`.
  explicit Blender(double light_wrap = 0);
  void run(const Frame& person, const Frame& behind, const Matte& matte, const MutableFrame& out);

 private:
  void halve(ConstPlane alpha, Plane half);

  PlaneBlender luma_, chroma_;
  std::vector<std::uint8_t> half_alpha_;
};

}  // namespace viba
