#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <viba/pipeline.h>

#include "media/scale.h"

/// Stages whose behaviour a test dictates, and a scene in which every pixel's origin can be told.
namespace viba::test {

inline constexpr Size kSceneSize{64, 48};
inline constexpr YuvColor kRoom{200, 90, 160};
inline constexpr YuvColor kPerson{120, 180, 70};
inline const char* const kBackgroundOption = "color:#0000ff";
inline const YuvColor kBackground = yuv_of_rgb(0, 0, 255);

/// The person is a rectangle that moves two pixels a frame; everything else is room.
inline int person_left(std::uint64_t sequence) { return static_cast<int>(sequence * 2 % 32); }
inline constexpr int kPersonWidth = 24;
inline constexpr int kPersonTop = 16;

inline bool is_person(std::uint64_t sequence, int x, int y) {
  const int left = person_left(sequence);
  return x >= left && x < left + kPersonWidth && y >= kPersonTop;
}

inline Frame scene(FramePool& pool, FrameInfo info) {
  auto frame = pool.acquire(kSceneSize);
  fill(*frame, kRoom);
  for (int y = 0; y < kSceneSize.height; ++y)
    for (int x = 0; x < kSceneSize.width; ++x)
      if (is_person(info.sequence, x, y)) {
        frame->y().row(y)[x] = kPerson.y;
        frame->u().row(y / 2)[x / 2] = kPerson.u;
        frame->v().row(y / 2)[x / 2] = kPerson.v;
      }
  return std::move(*frame).freeze(info);
}

/// Gives `count` scenes, a tenth of a second apart in a time of its own, then ends; or does what
/// `instead` says for a sequence number.
class FakeSource final : public Source {
 public:
  enum class Kind { kFile, kShaky, kLive, kCamera };  ///< kShaky: a file that recovers
  explicit FakeSource(std::uint64_t count, Kind kind = Kind::kFile) : count_(count), kind_(kind) {}

  using Read = std::function<Result<std::optional<Frame>>(std::stop_token)>;
  std::map<std::uint64_t, Read> instead;
  Read always;  ///< when set, answers every read

  std::function<void()> on_rest = [] {};

  SourceInfo info() const override {
    return {.name = "a test",
            .size = kSceneSize,
            .frames_per_second = 30,
            .live = kind_ == Kind::kLive || kind_ == Kind::kCamera,
            .recovers = kind_ == Kind::kShaky || kind_ == Kind::kCamera};
  }
  void rest() override { on_rest(); }
  std::uint64_t skipped() const override { return next_ / 2; }

  Result<std::optional<Frame>> read(std::stop_token stop) override {
    if (always) return always(stop);
    const auto sequence = next_++;
    if (const auto other = instead.find(sequence); other != instead.end()) return other->second(stop);
    if (sequence >= count_) return std::nullopt;
    const auto position = std::chrono::milliseconds(100) * static_cast<std::int64_t>(sequence);
    return scene(pool_, {sequence, position, start_ + position});
  }

 private:
  std::uint64_t count_;
  Kind kind_;
  std::uint64_t next_ = 0;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  FramePool pool_;
};

/// The truth about a scene, cell for pixel.
inline void true_confidence(const Frame& frame, Confidence& confidence) {
  confidence.size = kSceneSize;
  confidence.values.clear();
  for (int y = 0; y < kSceneSize.height; ++y)
    for (int x = 0; x < kSceneSize.width; ++x)
      confidence.values.push_back(is_person(frame.info().sequence, x, y) ? 1.0F : 0.0F);
}

class FakeSegmenter final : public Segmenter {
 public:
  using Work = std::function<Result<void>(const Frame&, Confidence&)>;
  explicit FakeSegmenter(Work work = [](const Frame& frame, Confidence& confidence) -> Result<void> {
    true_confidence(frame, confidence);
    return {};
  })
      : work_(std::move(work)) {}
  std::string name() const override { return "a test's network"; }
  Result<void> segment(const Frame& frame, Confidence& confidence) override { return work_(frame, confidence); }

 private:
  Work work_;
};

/// Keeps what it was given.
class FakeSink final : public Sink {
 public:
  struct Kept {
    std::vector<SafeFrame> frames;
    int finished = 0;
  };
  explicit FakeSink(std::shared_ptr<Kept> kept, std::function<Result<void>(const SafeFrame&)> first = {})
      : kept_(std::move(kept)), first_(std::move(first)) {}
  /// When set, is given what the pipeline wants to be told.
  std::function<void(std::function<void(bool)>)> on_watch;

  /// What its user asks for when each frame is written.
  std::map<std::uint64_t, Request> requests;

  std::string name() const override { return "a test's sink"; }
  void listen(const std::function<void(Request)>& grant) override { grant_ = grant; }
  void watch(const std::function<void(bool)>& tell) override { on_watch ? on_watch(tell) : tell(true); }
  bool live() const override { return false; }
  Result<void> write(const SafeFrame& frame) override {
    if (first_)
      if (auto ok = first_(frame); !ok) return ok;
    if (const auto asked = requests.find(frame.frame().info().sequence); asked != requests.end()) grant_(asked->second);
    kept_->frames.push_back(frame);
    return {};
  }
  Result<void> finish() override {
    ++kept_->finished;
    return {};
  }

 private:
  std::shared_ptr<Kept> kept_;
  std::function<Result<void>(const SafeFrame&)> first_;
  std::function<void(Request)> grant_;
};

struct Pixel {
  int y, u, v;
  friend bool operator==(const Pixel&, const Pixel&) = default;
};

inline Pixel pixel(const Frame& frame, int x, int y) {
  return {frame.y().row(y)[x], frame.u().row(y / 2)[x / 2], frame.v().row(y / 2)[x / 2]};
}

inline bool is(const Pixel& pixel, YuvColor color) { return pixel == Pixel{color.y, color.u, color.v}; }

}  // namespace viba::test
