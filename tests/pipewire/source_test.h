#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include "capture/pipewire_source.h"
#include "media/scale.h"
#include "pipewire/pipewire_session.h"
#include "pipewire/test_picture.h"
#include "support/sink_support.h"

namespace viba::pipewire_test {

using namespace std::chrono_literals;

/// A camera of PipeWire's as ViBa reads it.
class PipewireSourceTest : public PipewireTest {
 protected:
  static constexpr CameraRequest kRequest{{640, 480}, 30};

  [[nodiscard]] Log log() { return log_.log(); }
  [[nodiscard]] std::vector<std::string> log_lines() { return log_.lines(); }

  [[nodiscard]] std::unique_ptr<Source> open(const std::string& which, CameraRequest request = kRequest) {
    auto source = open_pipewire_source(which, request, log());
    EXPECT_TRUE(source) << source.error().message;
    return source ? std::move(*source) : nullptr;
  }

  /// Empty when it failed.
  static Frame next(Source& source) {
    auto frame = source.read({});
    EXPECT_TRUE(frame) << frame.error().message;
    return frame && *frame ? std::move(**frame) : Frame{};
  }

  /// Reads as a pipeline does, again and again after errors, until `wanted` is content with what comes.
  template <class Wanted>
  static bool read_until(Source& source, Wanted&& wanted) {
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (std::chrono::steady_clock::now() < end) {
      const auto read = source.read({});
      if (wanted(read)) return true;
      if (!read) std::this_thread::sleep_for(20ms);
    }
    return false;
  }

  static bool shows(const Frame& frame, int x, int y, test_picture::Rgb color, int tolerance = 3) {
    if (frame.empty()) return false;
    const YuvColor want = yuv_of_rgb(std::uint8_t(color.r), std::uint8_t(color.g), std::uint8_t(color.b));
    const auto near = [&](int have, int wanted) { return std::abs(have - wanted) <= tolerance; };
    return near(frame.y().row(y)[x], want.y) && near(frame.u().row(y / 2)[x / 2], want.u) &&
           near(frame.v().row(y / 2)[x / 2], want.v);
  }
  /// The raw room, or whatever else a test forbids.
  static bool shows_anywhere(const Frame& frame, test_picture::Rgb color) {
    for (int y = 0; y < frame.size().height; y += 16)
      for (int x = 0; x < frame.size().width; x += 16)
        if (shows(frame, x, y, color, 40)) return true;
    return false;
  }

 private:
  test::LogLines log_;
};

inline const char* const kGreen = "00c000";
inline constexpr test_picture::Rgb kGreenColor{0, 0xc0, 0};
inline const char* const kBlue = "0000c0";
inline constexpr test_picture::Rgb kBlueColor{0, 0, 0xc0};

}  // namespace viba::pipewire_test
