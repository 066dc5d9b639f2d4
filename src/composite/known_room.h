#pragma once

#include <vector>

#include <viba/matte.h>

namespace viba {

/// One channel of a `RoomView`; empty when nothing is known.
struct RoomPlane {
  ConstPlane color;
  ConstPlane known;
};

/// What is known of the room in the cells of a plane's grid: bilinear, each of the room's cells counting by how far it
/// is known. Memory is made when a size changes. Thread-safety: none.
class KnownRoom {
 public:
  /// The room to come, and the plane that it is stretched over.
  void look(const RoomPlane& room, Size plane, Size cells);

  /// Fills in the cells `first` to `end` of row `y`.
  void fill(int y, int first, int end);
  /// Of a row, the colours of its cells, 0..255, and how far each is to be trusted, 0..1.
  [[nodiscard]] const float* color() const { return color_.data(); }
  [[nodiscard]] const float* trust() const { return trust_.data(); }

 private:
  /// Between which of the room's rows or columns a cell's centre lies.
  struct Step {
    int first = 0, second = 0;
    float part = 0;
  };
  static void plan(std::vector<Step>& steps, int pixels, int cells, int room);

  RoomPlane room_;
  Size plane_, cells_, known_;
  std::vector<Step> columns_, rows_;
  std::vector<float> color_, trust_;
};

}  // namespace viba
