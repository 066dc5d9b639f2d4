#pragma once

#include <vector>

#include "refine/coarse.h"
#include "refine/edge_blocks.h"
#include "refine/guided_kernels.h"

namespace viba {

/// Draws a coarse matte's edges where the picture has its own. Guided filter (He, Sun, Tang, "Guided Image Filtering",
/// PAMI 2013) in its fast form (He, Sun, "Fast Guided Filter", arXiv 1505.00996): in each window of the coarse grid
/// alpha is a linear function of the colour, by ridge regression; the means of these functions are enlarged bilinearly
/// and applied to the colours of the full picture: to each plane's at its own size, of which chroma's is then widened.
/// All three channels guide: luma alone leaves halos. The ridge is that of R, G, B, so that the result is, too. What is
/// left of tails is cut off by a smoothstep from 0.05 to 0.95.
/// Thread-safety: none.
class GuidedFilter {
 public:
  /// `alpha` is of the frame's size; `picture` and `matte` are of its coarse size. Memory is made when sizes change.
  void run(const Frame& frame, const CoarsePicture& picture, const CoarseMatte& matte, Plane alpha);

 private:
  static constexpr int kKept = 3;  ///< rows of the grid, between which two rows of pixels lie
  struct Axis {
    std::vector<std::int32_t> cell;  ///< left or upper neighbour, for each sample
    std::vector<float> part;         ///< how far it is to the next one
    bool dense = false;              ///< at least one sample a cell
    [[nodiscard]] guided::Taps taps() const { return {cell.data(), part.data(), dense}; }
  };
  static void plan(Axis& axis, int samples, int cells);
  void start_anew(Size frame, Size grid);
  /// The grid's row that a pixel's row lies in.
  [[nodiscard]] int row_of(int y) const { return static_cast<int>(std::int64_t{y} * grid_.height / frame_.height); }
  /// The first pixel of a cell, or the end.
  [[nodiscard]] int pixel_of(int cell) const { return cell_begin_[std::size_t(cell)]; }
  void load(const CoarsePicture& picture, const CoarseMatte& matte, int row);
  /// Calls `work` for each stretch of a row that edges nearby need, and a block more on both sides.
  template <class Work>
  void for_surroundings(int row, const Work& work) const;
  void trust(const CoarseMatte& matte, int row, float* coefficients) const;
  void sum_guides(const CoarsePicture& picture, const CoarseMatte& matte, int row);
  void regress(const CoarseMatte& matte, int row);
  void average(const CoarseMatte& matte, int row);
  /// The coefficients of one part between two rows of the grid, at a row of luma or chroma.
  void between(const Axis& rows, int y, guided::Coefficient first, int begin, int end, float* to) const;
  /// All pairs of rows of pixels from `y` on that need no row of the grid after `done`; returns the row after them.
  /// Cells are used while they are in the cache.
  [[nodiscard]] int apply(const Frame& frame, int y, int done, Plane alpha);
  void apply_row(const Frame& frame, int y, std::uint8_t* alpha);
  /// What chroma adds to the pixels from `begin` to `end`.
  void make_chroma(const Frame& frame, int y, int begin, int end);

  Size frame_, grid_;
  Axis rows_, columns_, chroma_rows_, chroma_columns_;
  std::vector<int> cell_begin_;  ///< the first pixel of each cell of a row, and the end
  EdgeBlocks blocks_;
  std::ptrdiff_t pitch_ = 0;                     ///< of a row with its margins, in floats
  std::vector<float> guides_, result_;           ///< one group of rows
  std::vector<float> guide_sums_, result_sums_;  ///< the newest few groups, by row modulo their number
  std::vector<float> coefficients_;              ///< the newest `kKept` groups, by row modulo that
  std::vector<float> luma_line_, chroma_line_;   ///< coefficients between two rows
  std::vector<float> chroma_, wide_chroma_;      ///< what a row of it adds, with one more at each end; at luma's width
};

}  // namespace viba
