#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <random>

#include "refine/coarse.h"
#include "refine/room_plate.h"

namespace viba {

/// A room with a pattern, and in it a person in red, as the coarse grid and a network of known faults see them.
struct Scene {
  static constexpr Size kSize{160, 90};
  struct Box {
    int left, top, right, bottom;
    [[nodiscard]] bool has(int x, int y) const { return x >= left && x < right && y >= top && y < bottom; }
  };
  static constexpr Box kMiddle{60, 20, 100, 90};
  static constexpr Box kInside{70, 30, 90, 90};
  static constexpr Box kArm{102, 42, 126, 46};  ///< what `arm` adds, without its edges
  static constexpr Box kWholeArm{100, 41, 128, 47};
  static constexpr Box kHalo{55, 24, 59, 88};  ///< what `halo` adds, without its edges
  static constexpr Box kScreen{102, 20, 130, 60};
  static constexpr Box kElsewhere{2, 2, 45, 88};

  std::optional<Box> person;
  bool arm = false;           ///< the person stretches out an arm, of which the network knows nothing
  bool halo = false;          ///< the network sees the person wider than they are
  std::optional<Box> second;  ///< somebody else, whom the network sees well
  float doubtful_arm = 0;     ///< what the network says of the arm
  float shadow = 1;           ///< of the light, where the arm would be and around
  std::optional<int> screen;  ///< how bright something is that hangs beside the person
  int stride = 1;             ///< frames of 33 ms to the next
  bool blind = false;         ///< the network sees nobody
  int moved = 0;              ///< cells that the camera has turned
  float light = 1;            ///< of the whole picture
  double noise = 1;           ///< levels
  int frame = 0;

  static std::size_t cell(int x, int y) { return std::size_t(y) * std::size_t(kSize.width) + std::size_t(x); }
  [[nodiscard]] std::chrono::nanoseconds position() const { return std::chrono::milliseconds(33) * frame; }

  [[nodiscard]] bool is_person(int x, int y) const {
    return (person && (person->has(x, y) || (arm && kWholeArm.has(x, y)))) || (second && second->has(x, y));
  }

  [[nodiscard]] CoarsePicture picture() const {
    CoarsePicture out{kSize, {}, {}, {}};
    std::mt19937 random{unsigned(frame)};
    std::normal_distribution<float> grain(0, float(noise));
    for (int y = 0; y < kSize.height; ++y)
      for (int x = 0; x < kSize.width; ++x) {
        const int at = x + moved;
        const bool here = is_person(x, y);
        float luma = here ? 90 : 110 + 45 * std::sin(float(at) * 0.4F) * std::cos(float(y) * 0.3F);
        if (!here && screen && kScreen.has(x, y)) luma = float(*screen);
        if (!here && Box{100, 36, 130, 52}.has(x, y)) luma = 16 + (luma - 16) * shadow;
        const float v = here ? 180 : 126 + 4 * std::sin(float(at) * 0.2F);
        out.y.push_back(level(16 + (luma - 16) * light + grain(random)));
        out.u.push_back(level((here ? 110 : 130) + grain(random)));
        out.v.push_back(level(v + grain(random)));
      }
    return out;
  }

  [[nodiscard]] CoarseMatte matte() const {
    CoarseMatte out(cell(0, kSize.height));
    if (!person || blind) return out;
    const Box seen{person->left - (halo ? 6 : 0), person->top, person->right, person->bottom};
    for (int y = 0; y < kSize.height; ++y)
      for (int x = 0; x < kSize.width; ++x) {
        float& value = out[cell(x, y)];
        if (seen.has(x, y)) value = 0.7F;
        if (arm && kWholeArm.has(x, y)) value = doubtful_arm;
        if (person->has(x, y) || (second && second->has(x, y))) value = 0.98F;
      }
    return out;
  }

  /// The next frame through `plate`.
  CoarseMatte step(RoomPlate& plate) {
    frame += stride;
    CoarseMatte fused = matte();
    plate.run(picture(), fused, position());
    return fused;
  }
  CoarseMatte steps(RoomPlate& plate, int count) {
    CoarseMatte last;
    for (int i = 0; i < count; ++i) last = step(plate);
    return last;
  }
  /// A second of the room without anybody.
  void learn(RoomPlate& plate) { steps(plate, 30); }

  static double mean(const CoarseMatte& matte, Box box) {
    double sum = 0;
    for (int y = box.top; y < box.bottom; ++y)
      for (int x = box.left; x < box.right; ++x) sum += double(matte[cell(x, y)]);
    return sum / ((box.right - box.left) * (box.bottom - box.top));
  }

 private:
  static std::uint8_t level(float value) { return static_cast<std::uint8_t>(std::clamp(value + 0.5F, 0.0F, 255.0F)); }
};

}  // namespace viba
