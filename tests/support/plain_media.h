#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <viba/frame.h>

#include "media/area_kernels.h"
#include "media/color_kernels.h"

/// Kernels of `media` as plain loops.
namespace viba::plain {

inline void sum_rows(const std::uint8_t* from, std::ptrdiff_t stride, const std::uint16_t* weights, int rows, int width,
                     std::int16_t* sums) {
  for (int x = 0; x < width; ++x) {
    int sum = -32768;
    for (int row = 0; row < rows; ++row) sum += from[row * stride + x] * weights[row];
    sums[x] = static_cast<std::int16_t>(sum);
  }
}

inline void mean_of_columns(const std::int16_t* sums, const area::Columns& columns, int count, float* means) {
  for (int x = 0; x < count; ++x) {
    std::int64_t sum = 0;
    for (int tap = 0; tap < columns.taps; ++tap)
      sum += (sums[columns.first[x] + tap] + 32768) * columns.weights[columns.taps * x + tap];
    means[x] = static_cast<float>(sum) / 65536;
  }
}

/// How much of a target cell lies in a source pixel.
inline float share(int cell, int cells, int side, int pixel) {
  const float begin = float(cell) * float(side) / float(cells);
  const float end = float(cell + 1) * float(side) / float(cells);
  return std::max(0.0F, std::min(end, float(pixel + 1)) - std::max(begin, float(pixel))) / (end - begin);
}

/// Means of exact areas, of a plane that is larger each way.
inline void scale_area(ConstPlane from, Size to, float* result) {
  for (int y = 0; y < to.height; ++y)
    for (int x = 0; x < to.width; ++x) {
      float sum = 0;
      const auto [width, height] = from.size;
      for (int row = y * height / to.height; row * to.height < (y + 1) * height; ++row)
        for (int column = x * width / to.width; column * to.width < (x + 1) * width; ++column)
          sum += share(y, to.height, height, row) * share(x, to.width, width, column) * float(from.row(row)[column]);
      *result++ = sum;
    }
}

inline void yuyv_to_i420(const std::uint8_t* from, const MutableFrame& frame) {
  const auto [width, height] = frame.size();
  for (int y = 0; y < height; ++y) {
    std::uint8_t* luma = frame.y().row(y);
    for (int x = 0; x < width; ++x) luma[x] = from[2 * (y * width + x)];
  }
  for (int y = 0; y < height / 2; ++y) {
    const std::uint8_t* upper = from + 4 * y * width;
    const std::uint8_t* lower = upper + 2 * width;
    std::uint8_t* u = frame.u().row(y);
    std::uint8_t* v = frame.v().row(y);
    for (int x = 0; x < width / 2; ++x) {
      u[x] = static_cast<std::uint8_t>((upper[4 * x + 1] + lower[4 * x + 1] + 1) / 2);
      v[x] = static_cast<std::uint8_t>((upper[4 * x + 3] + lower[4 * x + 3] + 1) / 2);
    }
  }
}

inline void nv12_to_i420(const std::uint8_t* from, const MutableFrame& frame) {
  const auto [width, height] = frame.size();
  for (int y = 0; y < height; ++y) {
    std::uint8_t* luma = frame.y().row(y);
    for (int x = 0; x < width; ++x) luma[x] = from[y * width + x];
  }
  for (int y = 0; y < height / 2; ++y) {
    const std::uint8_t* chroma = from + (height + y) * width;
    std::uint8_t* u = frame.u().row(y);
    std::uint8_t* v = frame.v().row(y);
    for (int x = 0; x < width / 2; ++x) {
      u[x] = chroma[2 * x];
      v[x] = chroma[2 * x + 1];
    }
  }
}

inline void i420_to_yuyv(const Frame& frame, std::uint8_t* out) {
  const auto [width, height] = frame.size();
  for (int y = 0; y < height; ++y, out += 2 * width) {
    const std::uint8_t* luma = frame.y().row(y);
    const std::uint8_t* u = frame.u().row(y / 2);
    const std::uint8_t* v = frame.v().row(y / 2);
    for (int x = 0; x < width / 2; ++x) {
      out[4 * x] = luma[2 * x];
      out[4 * x + 1] = u[x];
      out[4 * x + 2] = luma[2 * x + 1];
      out[4 * x + 3] = v[x];
    }
  }
}

/// `color::convert_rows`.
inline void convert_rows(const color::Transform& t, const color::Rows& rows, int chroma_width) {
  const auto level = [](int x) { return static_cast<std::uint8_t>(std::clamp(x, 0, 255)); };
  for (int x = 0; x < chroma_width; ++x) {
    const int u = rows.u[x] - 128;
    const int v = rows.v[x] - 128;
    const int offset = (t.y0 + t.yu * u + t.yv * v + (1 << 13)) >> 8;
    for (std::uint8_t* luma : {rows.upper + 2 * x, rows.lower + 2 * x})
      for (int i = 0; i < 2; ++i) luma[i] = level(((luma[i] * t.yy >> 8) + offset) >> 6);
    rows.u[x] = level(((128 << 14) + (1 << 13) + t.uu * u + t.uv * v) >> 14);
    rows.v[x] = level(((128 << 14) + (1 << 13) + t.vu * u + t.vv * v) >> 14);
  }
}

}  // namespace viba::plain
