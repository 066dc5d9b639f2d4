#include "sample_scene.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "media/media_input.h"

namespace viba::test {
namespace {

constexpr Size kSize{1280, 720};
constexpr Size kRoomSize{320, 180};

/// Red, green, blue, alpha in 0..255; colours premultiplied where there is alpha.
using Rgba = std::array<float, 4>;

struct Picture {
  Size size;
  std::vector<Rgba> pixels;

  [[nodiscard]] Rgba at(int x, int y) const {
    if (x < 0 || y < 0 || x >= size.width || y >= size.height) return {};
    return pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(size.width) + static_cast<std::size_t>(x)];
  }

  [[nodiscard]] Rgba between(double x, double y) const {
    const int left = static_cast<int>(std::floor(x));
    const int top = static_cast<int>(std::floor(y));
    const auto right_part = static_cast<float>(x - left);
    const auto low_part = static_cast<float>(y - top);
    Rgba mean{};
    for (std::size_t i = 0; i < mean.size(); ++i)
      mean[i] = std::lerp(std::lerp(at(left, top)[i], at(left + 1, top)[i], right_part),
                          std::lerp(at(left, top + 1)[i], at(left + 1, top + 1)[i], right_part), low_part);
    return mean;
  }
};

Picture load(const std::string& path) {
  auto input = MediaInput::open(path);
  const auto frame = ffmpeg::make_frame();
  if (!input || !(*input)->decode(*frame).value_or(false)) throw std::runtime_error("cannot read " + path);
  const Size size{frame->width, frame->height};
  std::vector<std::uint8_t> bytes(4 * static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height));
  const ffmpeg::SwsPtr context(sws_getContext(size.width, size.height, static_cast<AVPixelFormat>(frame->format),
                                              size.width, size.height, AV_PIX_FMT_RGBA, SWS_ACCURATE_RND, nullptr,
                                              nullptr, nullptr));
  std::uint8_t* const to[] = {bytes.data()};
  const int strides[] = {4 * size.width};
  sws_scale(context.get(), frame->data, frame->linesize, 0, size.height, to, strides);
  Picture picture{size, {}};
  for (std::size_t i = 0; i < bytes.size(); i += 4) {
    const float alpha = bytes[i + 3];
    picture.pixels.push_back(
        {float(bytes[i]) * alpha / 255, float(bytes[i + 1]) * alpha / 255, float(bytes[i + 2]) * alpha / 255, alpha});
  }
  return picture;
}

/// The person where the sample clip has them.
Picture person_in_frame() {
  const Picture portrait = load(VIBA_SOURCE_DIR "/assets/sample/portrait_rgba.png");
  Picture person{kSize, {}};
  for (int y = 0; y < kSize.height; ++y)
    for (int x = 0; x < kSize.width; ++x)
      person.pixels.push_back(portrait.between((x - 640) / 2.16 + 226, (y - 54) / 2.16 + 15.5));
  return person;
}

std::array<float, 3> yuv(const Rgba& rgb) {
  const float y = 0.299F * rgb[0] + 0.587F * rgb[1] + 0.114F * rgb[2];
  return {16 + y * 219 / 255, 128 + (rgb[2] - y) / 1.772F * 224 / 255, 128 + (rgb[0] - y) / 1.402F * 224 / 255};
}

/// With `noise` levels of sensor noise either way.
template <class PixelAt>
Frame frame_of(FramePool& pool, int noise, PixelAt pixel_at) {
  auto frame = pool.acquire(kSize);
  std::mt19937 random(5);
  const auto byte = [&](float level) {
    const int off = noise == 0 ? 0 : static_cast<int>(random() % static_cast<unsigned>(2 * noise + 1)) - noise;
    return static_cast<std::uint8_t>(std::clamp(static_cast<int>(std::lround(level)) + off, 0, 255));
  };
  for (int y = 0; y < kSize.height; y += 2)
    for (int x = 0; x < kSize.width; x += 2) {
      float u = 0;
      float v = 0;
      for (const int row : {y, y + 1})
        for (const int column : {x, x + 1}) {
          const auto color = yuv(pixel_at(column, row));
          frame->y().row(row)[column] = byte(color[0]);
          u += color[1] / 4;
          v += color[2] / 4;
        }
      frame->u().row(y / 2)[x / 2] = byte(u);
      frame->v().row(y / 2)[x / 2] = byte(v);
    }
  return std::move(*frame).freeze({});
}

Rgba over(const Rgba& person, const Rgba& behind) {
  Rgba mixed{};
  for (std::size_t i = 0; i < 3; ++i) mixed[i] = person[i] + (1 - person[3] / 255) * behind[i];
  return mixed;
}

void learn(const Picture& room, const MutableRoomView& view) {
  for (int y = 0; y < kRoomSize.height; ++y)
    for (int x = 0; x < kRoomSize.width; ++x) {
      Rgba mean{};
      for (int i = 0; i < 16; ++i) {
        const Rgba pixel = room.at(4 * x + i % 4, 4 * y + i / 4);
        for (std::size_t c = 0; c < 3; ++c) mean[c] += pixel[c] / 16;
      }
      const auto color = yuv(mean);
      view.y.row(y)[x] = static_cast<std::uint8_t>(std::lround(color[0]));
      view.u.row(y)[x] = static_cast<std::uint8_t>(std::lround(color[1]));
      view.v.row(y)[x] = static_cast<std::uint8_t>(std::lround(color[2]));
      view.known.row(y)[x] = 255;
    }
}

/// `softness` is the radius of a mean over alpha.
Matte matte_of(MattePool& pool, const Picture& person, int softness, const Picture* room) {
  auto matte = pool.acquire(kSize, room == nullptr ? Size{} : kRoomSize);
  for (int y = 0; y < kSize.height; ++y)
    for (int x = 0; x < kSize.width; ++x) {
      float sum = 0;
      for (int dy = -softness; dy <= softness; ++dy)
        for (int dx = -softness; dx <= softness; ++dx)
          sum += person.at(std::clamp(x + dx, 0, kSize.width - 1), std::clamp(y + dy, 0, kSize.height - 1))[3];
      const int window = 2 * softness + 1;
      matte->alpha().row(y)[x] = static_cast<std::uint8_t>(std::lround(sum / float(window * window)));
    }
  if (room != nullptr) learn(*room, matte->room());
  return std::move(*matte).freeze({});
}

}  // namespace

SampleScene make_sample_scene(std::array<float, 3> rgb) {
  const Picture person = person_in_frame();
  const Picture room = load(VIBA_SOURCE_DIR "/assets/sample/room.jpg");
  const Rgba color{rgb[0], rgb[1], rgb[2], 255};
  FramePool frames;
  MattePool mattes;
  return {
      .picture = frame_of(frames, 1, [&](int x, int y) { return over(person.at(x, y), room.at(x, y)); }),
      .truth = frame_of(frames, 0, [&](int x, int y) { return over(person.at(x, y), color); }),
      .behind = frame_of(frames, 0, [&](int, int) { return color; }),
      .matte = matte_of(mattes, person, 0, nullptr),
      .matte_with_room = matte_of(mattes, person, 0, &room),
      .soft_matte_with_room = matte_of(mattes, person, 2, &room),
  };
}

}  // namespace viba::test
