#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include <viba/frame.h>
#include <viba/matte.h>
#include <viba/result.h>
#include <viba/safe_frame.h>

/// The stages of the pipeline: source → segment → refine → composite → sinks.
/// Each may be replaced by a program's own. Unless a member says otherwise, a stage is used by one
/// thread at a time.
namespace viba {

struct SourceInfo {
  std::string name;              ///< for people: "HD Webcam (/dev/video0)"
  Size size;                     ///< of every frame it gives
  double frames_per_second = 0;  ///< nominal; 0 when it has no rate (a single picture)
  bool live = false;             ///< frames come at the world's pace and the newest one counts
  bool recovers = false;         ///< a read after a failed one tries to open the source anew
  std::uint64_t frames = 0;      ///< how many there will be, as the file tells; 0: that is not known, or without end
};

class VIBA_EXPORT Source {
 public:
  virtual ~Source() = default;
  [[nodiscard]] virtual SourceInfo info() const = 0;
  /// Waits for the next frame, whose `taken` is when its picture was there (stamped here if unset).
  /// Nothing when the source ended or a stop was asked for.
  /// Errors: the source is lost; a pipeline reads one that `recovers` again after a moment.
  [[nodiscard]] virtual Result<std::optional<Frame>> read(std::stop_token stop) = 0;
  /// How many pictures came damaged and were left out since the source was made.
  [[nodiscard]] virtual std::uint64_t skipped() const { return 0; }
  /// Nobody needs frames for now: lets go of the device, which the next read takes up again.
  virtual void rest() {}
};

class VIBA_EXPORT Segmenter {
 public:
  virtual ~Segmenter() = default;
  /// For people: the model's name and where it runs.
  [[nodiscard]] virtual std::string name() const = 0;
  /// Fills `confidence`, whose memory is reused. Errors: kInference.
  [[nodiscard]] virtual Result<void> segment(const Frame& frame, Confidence& confidence) = 0;
  /// The next frame has nothing to do with the last one: what a network remembers is forgotten.
  virtual void reset() {}
  /// The confidence at which alpha is one half, unless the user says another.
  [[nodiscard]] virtual double threshold() const { return 0.5; }
  /// How long the network itself took of the last `segment`, without what it was fed and how its answer was read;
  /// all its runs together where it ran more than once. 0: not told.
  [[nodiscard]] virtual std::chrono::nanoseconds network_time() const { return {}; }
  /// How often the network ran in the last `segment`. 0: not told.
  [[nodiscard]] virtual int network_runs() const { return 0; }
};

class VIBA_EXPORT Refiner {
 public:
  virtual ~Refiner() = default;
  /// Makes the matte, at the frame's size, from the network's coarse word.
  /// Errors: kAskedAway while the picture has to be empty for the room to be learnt.
  [[nodiscard]] virtual Result<Matte> refine(const Frame& frame, const Confidence& confidence) = 0;
  /// The next frame has nothing to do with the last one. What is known of the room stays: it is found
  /// out with the next frames whether it is still the same.
  virtual void reset() {}
  /// What was learnt of the room is forgotten.
  virtual void forget_room() {}
  /// Learns the room anew from a picture without anybody: asks the person to step out of it first.
  virtual void learn_room() {}
};

class VIBA_EXPORT Compositor {
 public:
  /// Why a placeholder is shown, for the words on it.
  enum class Why { kStarting, kNoMatte, kNoCamera, kAskedAway };

  virtual ~Compositor() = default;
  /// Puts the person onto the background. The matte may be that of an earlier frame.
  /// Errors: kInternal when the sizes differ.
  [[nodiscard]] virtual Result<SafeFrame> composite(const Frame& frame, const Matte& matte) = 0;
  /// What is shown when there is no matte to trust: nothing in it comes from the camera, unless
  /// blurred beyond recognition. `frame` is null when there is no camera picture either.
  [[nodiscard]] virtual Result<SafeFrame> placeholder(const Frame* frame, FrameInfo info, Why why) = 0;
};

class VIBA_EXPORT Sink {
 public:
  virtual ~Sink() = default;
  /// For people: "/dev/video20 (ViBa)".
  [[nodiscard]] virtual std::string name() const = 0;
  /// Whether somebody looks on in real time, so that frames must come at the source's pace.
  [[nodiscard]] virtual bool live() const = 0;
  /// Errors: kClosed ends the run in good order, anything else ends it with the error.
  [[nodiscard]] virtual Result<void> write(const SafeFrame& frame) = 0;
  /// Calls `tell` with whether somebody looks on: once before this returns, and then at every change,
  /// from any thread but never from two at once, until the sink goes. Called once, before the first
  /// write. A sink that cannot tell says yes.
  virtual void watch(const std::function<void(bool watched)>& tell) { tell(true); }
  /// What its user asks for, by a key.
  enum class Request { kForgetRoom, kLearnRoom };
  /// Calls `grant` with each request, from `write`. Called once, before the first write.
  virtual void listen(const std::function<void(Request)>& /*grant*/) {}
  /// Completes what was begun (a file's index); called once, after the last write.
  [[nodiscard]] virtual Result<void> finish() { return {}; }
};

}  // namespace viba
