#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <viba/frame.h>

namespace viba {

/// Cells of a grid that hang together, over an edge or over a corner.
struct Component {
  Rect box;             ///< in cells
  int cells = 0;        ///< how many it has
  double x = 0, y = 0;  ///< the mean of its cells' centres, in cells from the grid's upper left corner
};

/// Finds connected components: two passes over the runs of cells in each row, with a union-find between them (He, Chao
/// and Suzuki 2008).
/// Memory is made when the grid's size changes, not for each grid.
/// Thread-safety: none.
class Components {
 public:
  static constexpr std::int32_t kNone = -1;

  /// Of the cells over `threshold`. `values` has size.width * size.height of them, row by row.
  void find(std::span<const float> values, Size size, float threshold);

  /// In the order of their first cells.
  [[nodiscard]] std::span<const Component> all() const { return all_; }
  /// For each cell, which of `all` it belongs to, or `kNone`.
  [[nodiscard]] std::span<const std::int32_t> labels() const { return labels_; }

 private:
  /// Neighbouring cells of one row.
  struct Run {
    int y, begin, end;
    std::int32_t parent;  ///< the run that it hangs together with, or itself
  };

  void make_room(Size size);
  void find_runs(std::span<const float> row, int y, float threshold);
  void join_rows(std::size_t above, std::size_t first);
  void gather(Size size);
  [[nodiscard]] std::int32_t root_of(std::int32_t run);

  std::vector<std::int32_t> labels_;
  std::vector<std::uint8_t> over_;  ///< of a row: whether a cell is over the threshold
  std::vector<Run> runs_;
  std::vector<std::int32_t> indices_;  ///< of runs that are roots, in `all_`
  std::vector<Component> all_;
};

}  // namespace viba
