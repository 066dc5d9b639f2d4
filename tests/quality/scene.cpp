#include "scene.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>
#include <stdexcept>

#include "gray_file.h"
#include "media/video_reader.h"

namespace viba::test {
namespace {

constexpr int kWidth = kSceneSize.width;
constexpr int kHeight = kSceneSize.height;

Rgba over(const Rgba& front, const Rgba& behind) {
  Rgba mixed{};
  for (std::size_t i = 0; i < 4; ++i) mixed[i] = front[i] + (1 - front[3]) * behind[i];
  return mixed;
}

Rgba mix(const Rgba& a, const Rgba& b, float part) {
  Rgba mixed{};
  for (std::size_t i = 0; i < 4; ++i) mixed[i] = std::lerp(a[i], b[i], part);
  return mixed;
}

/// As it is in a frame: BT.601 limited range.
Rgba rgb_of(const Frame& frame, int x, int y) {
  const float luma = 255.0F / 219 * (float(frame.y().row(y)[x]) - 16);
  const float u = 255.0F / 224 * (float(frame.u().row(y / 2)[x / 2]) - 128);
  const float v = 255.0F / 224 * (float(frame.v().row(y / 2)[x / 2]) - 128);
  return {luma + 1.402F * v, luma - 0.344F * u - 0.714F * v, luma + 1.772F * u, 1};
}

Layer layer_of(const Frame& frame) {
  Layer layer;
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x) layer.at(x, y) = rgb_of(frame, x, y);
  return layer;
}

/// The picture of a file with transparency, premultiplied.
struct Portrait {
  Size size;
  std::vector<Rgba> pixels;

  [[nodiscard]] Rgba at(int x, int y) const {
    if (x < 0 || y < 0 || x >= size.width || y >= size.height) return {};
    return pixels[static_cast<std::size_t>(y * size.width + x)];
  }
  [[nodiscard]] Rgba between(float x, float y) const {
    const int left = static_cast<int>(std::floor(x));
    const int top = static_cast<int>(std::floor(y));
    const float part = x - float(left);
    return mix(mix(at(left, top), at(left + 1, top), part), mix(at(left, top + 1), at(left + 1, top + 1), part),
               y - float(top));
  }
};

Portrait load_portrait() {
  auto input = MediaInput::open(VIBA_SOURCE_DIR "/assets/sample/portrait_rgba.png");
  const auto frame = ffmpeg::make_frame();
  if (!input || !(*input)->decode(*frame).value_or(false) || frame->format != AV_PIX_FMT_RGBA)
    throw std::runtime_error("the sample's portrait cannot be read");
  Portrait portrait{{frame->width, frame->height}, {}};
  for (int y = 0; y < frame->height; ++y)
    for (int x = 0; x < frame->width; ++x) {
      const std::uint8_t* p = frame->data[0] + std::ptrdiff_t{y} * frame->linesize[0] + 4 * std::ptrdiff_t{x};
      const float alpha = float(p[3]) / 255;
      portrait.pixels.push_back({float(p[0]) * alpha, float(p[1]) * alpha, float(p[2]) * alpha, alpha});
    }
  return portrait;
}

float phase_of(int moment) { return 2 * std::numbers::pi_v<float> * float(moment) / 90; }

/// Where the portrait's middle is, in pixels from the left.
float place_of(int moment) { return 300 + 34 * std::sin(phase_of(moment)); }

class PortraitPerson final : public Person {
 public:
  Layer at(int moment) override {
    constexpr float kScale = 0.9F;  // portrait pixels to the scene's
    const float phase = phase_of(moment);
    const float x0 = place_of(moment);
    const float lean = 0.05F * std::sin(phase + 1);
    Layer layer;
    for (int y = 0; y < kHeight; ++y)
      for (int x = 0; x < kWidth; ++x) {
        const float dx = float(x) - x0;
        const float dy = float(y - kHeight);
        const float u = (std::cos(lean) * dx + std::sin(lean) * dy) / kScale + 226;
        const float v = (std::cos(lean) * dy - std::sin(lean) * dx) / kScale + float(portrait_.size.height - 20) +
                        6 * std::sin(2 * phase);
        layer.at(x, y) = portrait_.between(u, v);
      }
    return layer;
  }

 private:
  Portrait portrait_ = load_portrait();
};

class ClipPerson final : public Person {
 public:
  ClipPerson(std::string clip, std::string alpha) : clip_(std::move(clip)), alpha_(std::move(alpha)) { rewind(); }

  Layer at(int moment) override {
    if (moment < next_) rewind();
    while (next_ <= moment) step();
    return layer_;
  }

 private:
  void rewind() {
    frames_.emplace(*VideoReader::open(clip_, {.size = kSceneSize}));
    mattes_.emplace(alpha_);
    next_ = 0;
  }

  void step() {
    auto frame = frames_->next();
    auto alpha = mattes_->next();
    if (!frame || !*frame || !alpha) {
      frames_.emplace(*VideoReader::open(clip_, {.size = kSceneSize}));
      mattes_.emplace(alpha_);
      frame = frames_->next();
      alpha = mattes_->next();
    }
    cut_out(**frame, *alpha);
    ++next_;
  }

  /// Where the person is mixed with the clip's own room their colour is that of the nearest sure person on the row.
  void cut_out(const Frame& frame, const Gray& alpha) {
    constexpr int kSure = 250;
    for (int y = 0; y < kHeight; ++y) {
      std::vector<int> nearest(kWidth, -1);
      for (int x = 0, sure = -1; x < kWidth; ++x) nearest[std::size_t(x)] = sure = alpha.at(x, y) >= kSure ? x : sure;
      for (int x = kWidth - 1, sure = -1; x >= 0; --x) {
        sure = alpha.at(x, y) >= kSure ? x : sure;
        int& left = nearest[std::size_t(x)];
        if (sure >= 0 && (left < 0 || sure - x < x - left)) left = sure;
      }
      for (int x = 0; x < kWidth; ++x) {
        const int from = nearest[std::size_t(x)];
        const float part = float(alpha.at(x, y)) / 255;
        Rgba color = rgb_of(frame, from < 0 ? x : from, y);
        for (float& value : color) value *= part;
        layer_.at(x, y) = color;
      }
    }
  }

  std::string clip_, alpha_;
  std::optional<VideoReader> frames_;
  std::optional<GrayFile> mattes_;
  Layer layer_;
  int next_ = 0;
};

/// How far a pixel lies inside of a stroke from (x0, y0) to (x1, y1), 0..1 over the width of one pixel.
float stroke(float x, float y, float x0, float y0, float x1, float y1, float radius) {
  const float dx = x1 - x0;
  const float dy = y1 - y0;
  const float t = std::clamp(((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy), 0.0F, 1.0F);
  return std::clamp(radius - std::hypot(x - x0 - t * dx, y - y0 - t * dy) + 0.5F, 0.0F, 1.0F);
}

/// An arm beside the head: forearm and hand, of skin.
Layer arm_of(const Happening& now) {
  Layer layer;
  const float x0 = place_of(now.moment) + now.person_x + 100;
  for (int y = 90; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x) {
      const auto fx = float(x);
      const auto fy = float(y);
      const float part =
          std::max(stroke(fx, fy, x0, 370, x0 + 22, 210, 19), stroke(fx, fy, x0 + 22, 200, x0 + 25, 165, 25));
      const float shade = 1 - 0.25F * (fx - x0) / 60;
      layer.at(x, y) = {205 * shade * part, 150 * shade * part, 125 * shade * part, part};
    }
  return layer;
}

Layer chair_of(const Happening& now) {
  Layer layer;
  const float x0 = place_of(now.moment) + now.person_x;
  for (int y = 150; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x) {
      const float part = stroke(float(x), float(y), x0 - 130, 190, x0 + 130, 190, 30);
      layer.at(x, y) = {48 * part, 46 * part, 52 * part, part};
    }
  return layer;
}

std::uint8_t byte(float level) { return static_cast<std::uint8_t>(std::clamp(level + 0.5F, 0.0F, 255.0F)); }

Gray alpha_of(const Layer& layer) {
  Gray gray{kSceneSize, {}};
  for (const Rgba& pixel : layer.pixels) gray.values.push_back(byte(255 * pixel[3]));
  return gray;
}

/// `layer` moved to the right, or mirrored first.
Rgba moved(const Layer& layer, int x, int y, float by, bool mirrored) {
  const float from = mirrored ? float(kWidth - 1 - x) + by : float(x) - by;
  return from < 0 || from > float(kWidth - 1) ? Rgba{} : layer.between(from, float(y));
}

}  // namespace

const Rgba& Layer::at(int x, int y) const {
  return pixels[static_cast<std::size_t>(std::clamp(y, 0, kHeight - 1) * kWidth + std::clamp(x, 0, kWidth - 1))];
}

Rgba Layer::between(float x, float y) const {
  const int left = static_cast<int>(std::floor(x));
  const int top = static_cast<int>(std::floor(y));
  const float part = x - float(left);
  if (part == 0 && y == float(top)) return at(left, top);
  return mix(mix(at(left, top), at(left + 1, top), part), mix(at(left, top + 1), at(left + 1, top + 1), part),
             y - float(top));
}

std::unique_ptr<Person> portrait_person() { return std::make_unique<PortraitPerson>(); }

std::unique_ptr<Person> clip_person(const std::string& clip, const std::string& alpha) {
  if (!VideoReader::open(clip)) return nullptr;
  return std::make_unique<ClipPerson>(clip, alpha);
}

Scene::Scene(std::unique_ptr<Person> person)
    : person_(std::move(person)),
      room_(layer_of(*load_picture(VIBA_SOURCE_DIR "/assets/sample/room.jpg", {.size = kSceneSize}))) {}

Layer Scene::room_at(const Happening& now) const {
  constexpr int kCurtain = 500;
  Layer room;
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x) {
      const float sway = x < kCurtain ? 0 : now.curtain * std::sin(float(y) / 60);
      Rgba pixel = room_.between(float(x + now.nudge) + sway, float(y));
      if (x >= kCurtain) {  // its folds
        const float fold = 0.8F + 0.2F * std::sin((float(x) + sway) / 5);
        for (std::size_t i = 0; i < 3; ++i) pixel[i] *= fold;
      }
      if (now.lamp != 0) {
        const float distance = std::hypot(float(x - 90), float(y - 120));
        for (std::size_t i = 0; i < 3; ++i) pixel[i] *= 1 + now.lamp * std::exp(-distance * distance / 9000);
      }
      room.at(x, y) = pixel;
    }
  return room;
}

Shot Scene::shoot(const Happening& now, int sequence) {
  const Layer person = person_->at(now.moment);
  const Layer arm = now.arm ? arm_of(now) : Layer{};
  Layer picture = room_at(now);
  const Layer chair = now.chair ? chair_of(now) : Layer{};
  Layer people;
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x) {
      Rgba& pixel = people.at(x, y);
      pixel = moved(person, x, y, now.person_x, false);
      pixel = over(pixel, arm.at(x, y));
      if (now.other) pixel = over(pixel, moved(person, x, y, now.other_x, true));
      picture.at(x, y) = over(pixel, over(chair.at(x, y), picture.at(x, y)));
    }
  std::mt19937 random(static_cast<unsigned>(sequence) + 1);
  const auto noise = [&] {  // nearly normal: the sum of four, each of variance 1/12
    float sum = -2;
    for (int i = 0; i < 4; ++i) sum += float(random() >> 8) / float(1 << 24);
    return now.noise * sum * std::sqrt(3.0F);
  };
  auto frame = pool_.acquire(kSceneSize);
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x) {
      const Rgba& p = picture.at(x, y);
      const float luma = now.light * (0.299F * p[0] + 0.587F * p[1] + 0.114F * p[2]);
      frame->y().row(y)[x] = byte(std::clamp(16 + luma * 219 / 255 + noise(), 1.0F, 235.0F));
      if (x % 2 != 0 || y % 2 != 0) continue;
      Rgba mean{};
      for (const auto& [dx, dy] : {std::pair{0, 0}, {1, 0}, {0, 1}, {1, 1}})
        mean = mix(mean, picture.at(x + dx, y + dy), 1.0F / float(1 + dx + 2 * dy));
      const float gray = 0.299F * mean[0] + 0.587F * mean[1] + 0.114F * mean[2];
      frame->u().row(y / 2)[x / 2] = byte(128 + now.light * (mean[2] - gray) / 1.772F * 224 / 255 + noise() / 2);
      frame->v().row(y / 2)[x / 2] = byte(128 + now.light * (mean[0] - gray) / 1.402F * 224 / 255 + noise() / 2);
    }
  const FrameInfo info{static_cast<std::uint64_t>(sequence), std::chrono::nanoseconds(sequence * 1'000'000'000LL / 30),
                       std::chrono::steady_clock::now()};
  Gray only_arm = alpha_of(arm);
  for (std::size_t i = 0; i < only_arm.values.size(); ++i)
    if (moved(person, int(i) % kWidth, int(i) / kWidth, now.person_x, false)[3] > 0) only_arm.values[i] = 0;
  return {std::move(*frame).freeze(info), alpha_of(people), std::move(only_arm)};
}

}  // namespace viba::test
