#include "composite/blend.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "composite/blend_kernels.h"

namespace viba {
namespace {

// Hair and clothes scatter by some 15 levels around their mean; what is coarse of the room misses its
// texture by some 4. Chroma scatters less. Measured on the bundled sample; the result hardly depends on them.
constexpr EdgeVariances kLuma{.person = 225, .room = 16, .noise = 1};
constexpr EdgeVariances kChroma{.person = 36, .room = 3, .noise = 1};

}  // namespace

struct PlaneBlender::Rows {
  const std::uint8_t* person;
  const std::uint8_t* behind;
  const std::uint8_t* alpha;
  std::uint8_t* out;
};

void PlaneBlender::look(ConstPlane alpha) {
  alpha_ = alpha;
  map_.find(alpha);
  person_near_.resize(static_cast<std::size_t>(map_.size().width) * kCell);
  room_near_.resize(person_near_.size());
}

void PlaneBlender::blend(ConstPlane person, ConstPlane behind, RoomPlane room, Plane out) {
  colors_.estimate(person, alpha_, map_, room);
  const auto rows_at = [&](int y) { return Rows{person.row(y), behind.row(y), alpha_.row(y), out.row(y)}; };
  for (int cell = 0; cell < map_.size().height; ++cell)
    for_each_run(map_.row(cell), map_.size().width, [&](int first, int end, CellMap::Kind kind) {
      const int left = first * kCell;
      const int width = std::min(end * kCell, out.size.width) - left;
      for (int y = cell * kCell; y < std::min((cell + 1) * kCell, out.size.height); ++y) {
        const Rows rows = rows_at(y);
        if (kind == CellMap::Kind::kEdge)
          blend_edge(rows, y, first, end, width);
        else
          std::memcpy(rows.out + left, (kind == CellMap::Kind::kPerson ? rows.person : rows.behind) + left,
                      static_cast<std::size_t>(width));
      }
    });
  light_.run(behind, alpha_, map_, out);
}

void PlaneBlender::blend_edge(const Rows& rows, int y, int first, int end, int width) {
  colors_.interpolate(y, first, end, person_near_.data(), room_near_.data());
  const int left = first * kCell;
  const int whole = width - width % kCell;
  blend_edge_row({rows.person + left, rows.behind + left, rows.alpha + left, person_near_.data(), room_near_.data(),
                  rows.out + left, whole},
                 variances_);
  if (whole == width) return;
  // The picture's edge cuts the last cell off: it is mixed elsewhere, whole.
  std::array<std::array<std::uint8_t, kCell>, 4> cut{};
  auto& [person, behind, alpha, out] = cut;
  const int from = left + whole;
  const auto count = width - whole;
  std::copy_n(rows.person + from, count, person.begin());
  std::copy_n(rows.behind + from, count, behind.begin());
  std::copy_n(rows.alpha + from, count, alpha.begin());
  blend_edge_row({person.data(), behind.data(), alpha.data(), person_near_.data() + whole, room_near_.data() + whole,
                  out.data(), kCell},
                 variances_);
  std::copy_n(out.begin(), count, rows.out + from);
}

Blender::Blender(double light_wrap) : luma_(kLuma, light_wrap), chroma_(kChroma, light_wrap) {}

void Blender::run(const Frame& person, const Frame& behind, const Matte& matte, const MutableFrame& out) {
  const ConstPlane alpha = matte.alpha();
  const Size half = out.u().size;
  half_alpha_.resize(static_cast<std::size_t>(half.width) * static_cast<std::size_t>(half.height));
  const Plane half_alpha{half_alpha_.data(), half.width, half};
  for (int y = 0; y < half.height; ++y)
    halve_alpha(alpha.row(2 * y), alpha.row(2 * y + 1), half_alpha.row(y), half.width);
  const RoomView room = matte.room();
  luma_.look(alpha);
  luma_.blend(person.y(), behind.y(), {room.y, room.known}, out.y());
  chroma_.look(half_alpha);
  chroma_.blend(person.u(), behind.u(), {room.u, room.known}, out.u());
  chroma_.blend(person.v(), behind.v(), {room.v, room.known}, out.v());
}

}  // namespace viba
