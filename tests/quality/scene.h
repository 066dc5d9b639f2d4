#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include <viba/frame.h>

#include "matte_measures.h"

/// Scenes whose true matte is known: a person who moves before a room, with whatever can happen to them.
namespace viba::test {

inline constexpr Size kSceneSize{640, 360};

/// Red, green, blue in 0..255, premultiplied with alpha in 0..1.
using Rgba = std::array<float, 4>;

struct Layer {
  std::vector<Rgba> pixels = std::vector<Rgba>(static_cast<std::size_t>(kSceneSize.width) * kSceneSize.height);

  [[nodiscard]] Rgba& at(int x, int y) { return pixels[static_cast<std::size_t>(y * kSceneSize.width + x)]; }
  /// The edge is repeated outside.
  [[nodiscard]] const Rgba& at(int x, int y) const;
  /// Bilinear.
  [[nodiscard]] Rgba between(float x, float y) const;
};

/// Somebody cut out, at each moment of their own movement.
class Person {
 public:
  virtual ~Person() = default;
  /// `moment` counts frames of 1/30 s from 0.
  [[nodiscard]] virtual Layer at(int moment) = 0;
};

/// The sample's person, who sways and nods.
[[nodiscard]] std::unique_ptr<Person> portrait_person();
/// Somebody of a clip, by its true matte; it begins anew at its end. Null when the clip is not there.
[[nodiscard]] std::unique_ptr<Person> clip_person(const std::string& clip, const std::string& alpha);

/// What happens in one frame.
struct Happening {
  int moment = 0;      ///< of the person's movement
  float person_x = 0;  ///< pixels that the person is moved to the right; 640 is out of the picture
  bool other = false;  ///< a second person, mirrored, …
  float other_x = 0;   ///< … moved so far
  bool arm = false;    ///< the person holds up an arm beside the head
  bool chair = false;  ///< something dark stands up behind the person and moves along
  int nudge = 0;       ///< pixels that the camera has turned to the left
  float light = 1;     ///< of everything
  float lamp = 0;      ///< more light around a lamp on the left, as a share
  float curtain = 0;   ///< pixels that a curtain on the right sways
  float noise = 1;     ///< standard deviation of the sensor's noise, levels
};

struct Shot {
  Frame frame;
  Gray alpha;      ///< the truth
  Gray arm_alpha;  ///< of the arm alone
};

/// Makes the frames of one scene. Deterministic.
class Scene {
 public:
  explicit Scene(std::unique_ptr<Person> person);
  [[nodiscard]] Shot shoot(const Happening& now, int sequence);

 private:
  [[nodiscard]] Layer room_at(const Happening& now) const;

  std::unique_ptr<Person> person_;
  Layer room_;
  FramePool pool_;
};

}  // namespace viba::test
