#include "composite/blend.h"

#include <algorithm>
#include <cstring>

#include "composite/blend_kernels.h"

namespace viba {
namespace {

// Hair and clothes scatter by some 15 levels around their mean; what is coarse of the room misses its
// texture by some 4. Chroma scatters less. Measured on the bundled sample; the result hardly depends on them.
constexpr EdgeVariances kLuma{.person = 225, .room = 16, .noise = 1};
constexpr EdgeVariances kChroma{.person = 36, .room = 3, .noise = 1};

}  // namespace

void PlaneBlender::look(ConstPlane alpha) {
  alpha_ = alpha;
  map_.find(alpha);
}

void PlaneBlender::blend(ConstPlane person, ConstPlane behind, RoomPlane room, Plane out) {
  colors_.estimate(person, alpha_, map_, room);
  // The background everywhere first: one long copy is quicker than short ones of what stays of it.
  for (int y = 0; y < out.size.height; ++y)
    std::memcpy(out.row(y), behind.row(y), static_cast<std::size_t>(out.size.width));
  for (int cell = 0; cell < map_.size().height; ++cell)
    for_each_run(map_.row(cell), map_.size().width, [&](int first, int end, CellKind kind) {
      if (kind == CellKind::kEdge) return blend_edge({person, behind, out}, cell, first, end);
      if (kind == CellKind::kBehind) return;
      const int left = first * kCell;
      const int width = std::min(end * kCell, out.size.width) - left;
      for (int y = cell * kCell; y < std::min((cell + 1) * kCell, out.size.height); ++y)
        std::memcpy(out.row(y) + left, person.row(y) + left, static_cast<std::size_t>(width));
    });
  light_.run(behind, alpha_, map_, out);
}

void PlaneBlender::blend_edge(const Picture& picture, int y, int first, int end) {
  const auto& [person, behind, out] = picture;
  const int top = y * kCell;
  const int left = first * kCell;
  blend_edge_cells({.pixels = {person.row(top) + left, person.stride, alpha_.row(top) + left, alpha_.stride,
                               std::min(kCell, out.size.height - top)},
                    .behind = behind.row(top) + left,
                    .behind_stride = behind.stride,
                    .person_near = colors_.person(y, first),
                    .room_near = colors_.room(y, first),
                    .out = out.row(top) + left,
                    .out_stride = out.stride,
                    .width = std::min(end * kCell, out.size.width) - left},
                   variances_);
}

Blender::Blender(double light_wrap) : luma_(kLuma, light_wrap), chroma_(kChroma, light_wrap) {}

/// Cells that are wholly the one or the other need not be read once more.
void Blender::halve(ConstPlane alpha, Plane half) {
  constexpr int kHalfCell = kCell / 2;
  const CellMap& map = luma_.map();
  for (int cell = 0; cell < map.size().height; ++cell)
    for_each_run(map.row(cell), map.size().width, [&](int first, int end, CellKind kind) {
      const int left = first * kHalfCell;
      const int width = std::min(end * kHalfCell, half.size.width) - left;
      for (int y = cell * kHalfCell; y < std::min((cell + 1) * kHalfCell, half.size.height); ++y)
        if (kind == CellKind::kEdge)
          halve_alpha(alpha.row(2 * y) + 2 * left, alpha.row(2 * y + 1) + 2 * left, half.row(y) + left, width);
        else
          std::memset(half.row(y) + left, kind == CellKind::kPerson ? 255 : 0, static_cast<std::size_t>(width));
    });
}

void Blender::run(const Frame& person, const Frame& behind, const Matte& matte, const MutableFrame& out) {
  const ConstPlane alpha = matte.alpha();
  const Size half = out.u().size;
  half_alpha_.resize(static_cast<std::size_t>(half.width) * static_cast<std::size_t>(half.height));
  const Plane half_alpha{half_alpha_.data(), half.width, half};
  const RoomView room = matte.room();
  luma_.look(alpha);
  halve(alpha, half_alpha);
  luma_.blend(person.y(), behind.y(), {room.y, room.known}, out.y());
  chroma_.look(half_alpha);
  chroma_.blend(person.u(), behind.u(), {room.u, room.known}, out.u());
  chroma_.blend(person.v(), behind.v(), {room.v, room.known}, out.v());
}

}  // namespace viba
