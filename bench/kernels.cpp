#include <benchmark/benchmark.h>

#include <cstring>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <linux/videodev2.h>

#include "base/data_dirs.h"
#include "bench/pictures.h"
#include "composite/blend_kernels.h"
#include "composite/blur_kernels.h"
#include "composite/edge_kernels.h"
#include "media/camera_formats.h"
#include "media/color.h"
#include "media/jpeg_decoder.h"
#include "media/jpeg_encoder.h"
#include "media/video_reader.h"
#include "output/output_format.h"
#include "segment/network_input.h"
#include "support/plain_composite.h"
#include "support/plain_input.h"
#include "support/plain_media.h"

/// Each kernel over a whole picture, beside the same as plain loops (KERNEL_scalar) and a copy of as many bytes as it
/// reads (KERNEL_memcpy).
namespace {

using namespace viba;
using Bytes = std::vector<std::uint8_t>;

struct Kernel {
  std::function<void()> work;
  std::function<void()> plain;  ///< none for what a library does
  std::size_t bytes = 0;        ///< that it reads
};

std::size_t area(Size size) { return std::size_t(size.width) * std::size_t(size.height); }
std::size_t i420(Size size) { return area(size) * 3 / 2; }
Bytes noise(std::size_t count) { return bench::noise_bytes(count); }

void repeat(benchmark::State& state, const std::function<void()>& work) {
  for (auto _ : state) {
    work();
    benchmark::ClobberMemory();
  }
}

using MakeKernel = Kernel (*)(Size);

void add(const std::string& name, MakeKernel make, bool has_plain = true) {
  const auto row = [](const std::string& of, auto run) { bench::sizes(benchmark::RegisterBenchmark(of.c_str(), run)); };
  row(name, [make](benchmark::State& state) { repeat(state, make(bench::size_of(state)).work); });
  if (has_plain)
    row(name + "_scalar", [make](benchmark::State& state) { repeat(state, make(bench::size_of(state)).plain); });
  row(name + "_memcpy", [make](benchmark::State& state) {
    const Bytes from = noise(make(bench::size_of(state)).bytes);
    Bytes to(from.size());
    repeat(state, [&] { std::memcpy(to.data(), from.data(), from.size()); });
  });
}

/// A picture, its matte, what goes behind, and the colours of cells.
struct Scene {
  explicit Scene(Size of) : size(of), pitch(of.width / kCell + 2 + kMostLanes), grid(3 * std::size_t(pitch)) {
    for (std::size_t i = 0; i < grid.size(); ++i) grid[i] = std::uint16_t(i * 37 % 4080);
  }
  [[nodiscard]] CellRows rows() const {
    const std::uint16_t* values = grid.data() + 1;
    return {values, values + pitch, values + 2 * pitch};
  }
  [[nodiscard]] EdgeCells cells(int y) {
    const std::ptrdiff_t at = std::ptrdiff_t{y} * size.width;
    return {.pixels = {person.data() + at, size.width, alpha.data() + at, size.width, kCell},
            .behind = behind.data() + at,
            .behind_stride = size.width,
            .person_near = rows(),
            .room_near = rows(),
            .out = out.data() + at,
            .out_stride = size.width,
            .width = size.width};
  }
  [[nodiscard]] LitCells lit(int y) {
    const EdgeCells all = cells(y);
    return {all.behind, size.width, all.pixels.alpha, size.width, rows(),
            rows(),     all.out,    size.width,       kCell,      all.width};
  }

  Size size;
  Bytes person = noise(area(size)), behind = person, alpha = person, out = person;
  std::ptrdiff_t pitch;
  std::vector<std::uint16_t> grid;
};

/// Of a kernel that works on cells or rows of a scene: one call for every `step` rows.
template <class Fast, class Plain>
Kernel down_the_scene(Size size, int step, std::size_t planes, Fast fast, Plain plain) {
  const auto scene = std::make_shared<Scene>(size);
  const auto over = [=](auto call) {
    return [=] {
      for (int y = 0; y < size.height; y += step) call(*scene, y);
    };
  };
  return {over(fast), over(plain), planes * area(size)};
}

Kernel blend(Size size) {
  const auto row = [](auto blend_one) {
    return [=](Scene& scene, int y) {
      const std::ptrdiff_t at = std::ptrdiff_t{y} * scene.size.width;
      blend_one(scene.person.data() + at, scene.behind.data() + at, scene.alpha.data() + at, scene.out.data() + at,
                scene.size.width);
    };
  };
  return down_the_scene(size, 1, 3, row(blend_row), row(plain::blend_row));
}

Kernel edge_colors(Size size) {
  const EdgeVariances variances{225, 16, 1};
  return down_the_scene(
      size, kCell, 3, [=](Scene& scene, int y) { blend_edge_cells(scene.cells(y), variances); },
      [=](Scene& scene, int y) { plain::blend_edge_cells(scene.cells(y), variances); });
}

Kernel edge_sums(Size size) {
  const auto sums = std::make_shared<std::vector<std::int32_t>>(kCellSums * std::size_t(size.width));
  const auto row = [=](auto sum) {
    return [=](Scene& scene, int y) { sum(scene.cells(y).pixels, size.width / kCell, sums->data(), size.width); };
  };
  return down_the_scene(size, kCell, 2, row(sum_cells), row(plain::sum_cells));
}

Kernel light_wrap(Size size) {
  return down_the_scene(
      size, kCell, 3, [](Scene& scene, int y) { light_cells(scene.lit(y)); },
      [](Scene& scene, int y) { plain::light_cells(scene.lit(y)); });
}

/// One pass along the rows of a grid of an eighth of the picture's sides.
Kernel blur(Size size) {
  constexpr int kWindow = 5;
  const int cells = size.width / kCell;
  const auto in = std::make_shared<std::vector<std::uint16_t>>(std::size_t{kChannels} * std::size_t(cells + kWindow));
  const auto out = std::make_shared<std::vector<std::uint16_t>>(in->size());
  for (std::size_t i = 0; i < in->size(); ++i) (*in)[i] = std::uint16_t(i * 37);
  const auto rows = [=](auto box) {
    return [=] {
      for (int y = 0; y < size.height / kCell; ++y) box(in->data(), out->data(), cells, kWindow);
    };
  };
  return {rows(box_row), rows(plain::box_row), area(size) / (kCell * kCell) * kChannels * sizeof(std::uint16_t)};
}

constexpr Size kInput{256, 256};

Kernel area_scaling(Size size) {
  const auto frame = bench::noise(size);
  const auto scaler = std::make_shared<AreaScaler>(kInput);
  const auto cells = std::make_shared<std::vector<float>>(area(kInput));
  return {[=] { scaler->scale(frame.y(), *cells); }, [=] { plain::scale_area(frame.y(), kInput, cells->data()); },
          area(size)};
}

Kernel network_input(Size size) {
  const auto frame = bench::noise(size);
  const auto input = std::make_shared<NetworkInput>(kInput);
  const auto tensor = std::make_shared<std::vector<float>>(3 * area(kInput));
  return {[=] { input->fill(frame, *tensor); },
          [=] {
            float* first = tensor->data();
            float* second = first + area(kInput);
            float* third = second + area(kInput);
            plain::scale_area(frame.y(), kInput, first);
            plain::scale_area(frame.u(), kInput, second);
            plain::scale_area(frame.v(), kInput, third);
            plain::yuv_to_rgb(first, second, third, int(area(kInput)), {});
          },
          i420(size)};
}

MutableFrame new_frame(Size size) { return std::move(*FramePool().acquire(size)); }

template <class Plain>
Kernel from_camera(Size size, std::uint32_t fourcc, int stride, std::size_t bytes, Plain plain) {
  const auto picture = std::make_shared<Bytes>(noise(bytes));
  const auto frame = std::make_shared<MutableFrame>(new_frame(size));
  const auto jpeg = std::make_shared<JpegDecoder>(std::move(*JpegDecoder::create()));
  return {[=] {
            (void)convert_picture(*find_camera_format(fourcc), {*picture, size, stride}, *jpeg, *frame);
          },
          [=] { plain(picture->data(), *frame); }, bytes};
}

Kernel yuyv_to_i420(Size size) {
  return from_camera(size, V4L2_PIX_FMT_YUYV, 2 * size.width, 2 * area(size), plain::yuyv_to_i420);
}
Kernel nv12_to_i420(Size size) {
  return from_camera(size, V4L2_PIX_FMT_NV12, size.width, i420(size), plain::nv12_to_i420);
}

Kernel i420_to_yuyv(Size size) {
  const auto frame = bench::noise(size);
  const auto packed = std::make_shared<Bytes>(2 * area(size));
  return {[=] { preferred_output_format().pack(frame, packed->data()); },
          [=] { plain::i420_to_yuyv(frame, packed->data()); }, i420(size)};
}

Kernel to_bt601(Size size) {
  const auto frame = std::make_shared<MutableFrame>(new_frame(size));
  return {[=] {
            to_bt601_limited(*frame, {YuvMatrix::kBt709, YuvRange::kFull});
          },
          [=] {
            const auto transform = color::transform_of({YuvMatrix::kBt709, YuvRange::kFull});
            for (int y = 0; y < size.height / 2; ++y)
              plain::convert_rows(transform, color::rows_of(*frame, y), size.width / 2);
          },
          i420(size)};
}

/// What a camera would send of the sample's first frame.
Bytes sample_jpeg(Size size) {
  const auto file = find_data_file({}, "sample/sample.mp4");
  if (!file) throw std::runtime_error("The sample is not installed.");
  auto reader = VideoReader::open(*file, {size, Fit::kCover});
  auto frame = reader.and_then([](VideoReader& open) { return open.next(); });
  auto encoder = JpegEncoder::create();
  Bytes jpeg;
  if (!frame || !*frame || !encoder || !encoder->encode(**frame, jpeg))
    throw std::runtime_error("The sample cannot be made a JPEG.");
  return jpeg;
}

Kernel mjpeg_decode(Size size) {
  const auto jpeg = std::make_shared<Bytes>(sample_jpeg(size));
  const auto frame = std::make_shared<MutableFrame>(new_frame(size));
  const auto decoder = std::make_shared<JpegDecoder>(std::move(*JpegDecoder::create()));
  return {[=] { (void)decoder->decode(*jpeg, *frame); }, {}, i420(size)};
}

const bool kAdded = [] {
  add("blend", blend);
  add("edge_colors", edge_colors);
  add("edge_sums", edge_sums);
  add("light_wrap", light_wrap);
  add("blur", blur);
  add("area_scaling", area_scaling);
  add("network_input", network_input);
  add("yuyv_to_i420", yuyv_to_i420);
  add("nv12_to_i420", nv12_to_i420);
  add("i420_to_yuyv", i420_to_yuyv);
  add("to_bt601", to_bt601);
  add("mjpeg_decode", mjpeg_decode, false);
  return true;
}();

}  // namespace
