#pragma once

#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "media/pipewire_node.h"
#include "media/scale.h"
#include "output/pipewire_sink.h"
#include "pipewire/pipewire_session.h"
#include "pipewire/test_picture.h"
#include "support/sink_support.h"

namespace viba::pipewire_test {

using test::LogLines;
using test::Told;
using test::Vouch;

inline constexpr Size kCameraSize{640, 360};
inline constexpr const char* kCamera = "viba-camera-ViBa";

/// One of the eight fields of the test's chart.
inline YuvColor chart_color(int field) {
  const auto color = test_picture::kChart.at(std::size_t(field));
  return yuv_of_rgb(color.r, color.g, color.b);
}

inline Frame chart(FramePool& pool, Size size) {
  auto frame = pool.acquire(size).value();
  const auto paint = [](Plane plane, auto value_of) {
    for (int y = 0; y < plane.size.height; ++y)
      for (int x = 0; x < plane.size.width; ++x)
        plane.row(y)[x] = value_of(chart_color(4 * (2 * y / plane.size.height) + 4 * x / plane.size.width));
  };
  paint(frame.y(), [](YuvColor color) { return color.y; });
  paint(frame.u(), [](YuvColor color) { return color.u; });
  paint(frame.v(), [](YuvColor color) { return color.v; });
  return std::move(frame).freeze({});
}

/// A viewer's line about a frame: `frame N FORMAT WxH room=COUNT` and colours.
struct SeenFrame {
  explicit SeenFrame(const std::string& line) {
    std::istringstream text(line);
    std::string word, room;
    text >> word >> number >> format >> size >> room;
    for (std::string hex; text >> hex;) {
      const auto color = static_cast<int>(std::stoul(hex, nullptr, 16));
      colors.push_back({color >> 16, color >> 8 & 255, color & 255});
    }
  }

  [[nodiscard]] bool is_gray() const { return colors.at(4).g > 64; }  // where the chart is red

  std::string number, format, size;
  std::vector<test_picture::Rgb> colors;  ///< of eight fields, then of the corners
};

inline void expect_near(test_picture::Rgb color, test_picture::Rgb want, const std::string& where) {
  constexpr int kRounding = 4;  // of YUV numbers, there and back
  EXPECT_NEAR(color.r, want.r, kRounding) << where;
  EXPECT_NEAR(color.g, want.g, kRounding) << where;
  EXPECT_NEAR(color.b, want.b, kRounding) << where;
}

/// That the next frame that comes shows the chart, for all eight fields or, when `fields` says so, some.
inline void expect_chart(Process& viewer, const std::vector<int>& fields = {0, 1, 2, 3, 4, 5, 6, 7}) {
  const auto line = viewer.next_line("frame");
  ASSERT_TRUE(line);
  const SeenFrame seen(*line);
  ASSERT_EQ(seen.colors.size(), 12U) << *line;
  for (const int field : fields)
    expect_near(seen.colors[std::size_t(field)], test_picture::kChart.at(std::size_t(field)),
                std::to_string(field) + " of " + *line);
}

class SinkTest : public PipewireTest {
 protected:
  std::unique_ptr<Sink> open(const std::string& name = "", Size size = kCameraSize) {
    auto sink = open_pipewire_sink(name, size, 30, lines_.log());
    EXPECT_TRUE(sink) << sink.error().message;
    return sink ? std::move(*sink) : nullptr;
  }
  /// A camera that shows the chart.
  std::unique_ptr<Sink> open_chart(const std::string& name = "") {
    auto sink = open(name);
    EXPECT_TRUE(sink && sink->write(picture()));
    return sink;
  }

  SafeFrame picture(Size size = kCameraSize) { return Vouch::safe(chart(pool_, size)); }
  /// Another one, which shows nothing at all.
  SafeFrame gray() {
    auto frame = pool_.acquire(kCameraSize).value();
    fill(frame, yuv_of_rgb(128, 128, 128));
    return Vouch::safe(std::move(frame).freeze({}));
  }

  FramePool pool_;
  LogLines lines_;
  Told told_;
};

}  // namespace viba::pipewire_test
