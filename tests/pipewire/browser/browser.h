#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <viba/frame.h>

#include "pipewire/process.h"

namespace viba::pipewire_test {

struct Point {
  int x = 0, y = 0;
};

using Color = std::array<int, 3>;  ///< red, green, blue

/// What a page that shows the camera ViBa has seen of it since it was loaded.
struct Seen {
  std::string camera;
  std::string state;  ///< opening, live, muted, ended or failed
  std::string error;  ///< of a page that failed
  int frames = 0;
  int forbidden = 0;   ///< frames with magenta in them
  double seconds = 0;  ///< since the page was loaded
  Size size;
  std::vector<Color> colors;  ///< at the points, in the newest frame
};

/// Chromium or Firefox, without a window, with a page that shows the camera ViBa.
/// Thread-safety: none.
class Browser {
 public:
  enum class Kind : std::uint8_t { kChromium, kFirefox };

  /// What this machine lacks to run both, for people; empty when it lacks nothing.
  [[nodiscard]] static std::string missing();

  /// Looks at the colours of these points; leaves a picture of the page in the build's folder `browsers` at the end.
  Browser(Kind kind, const std::string& picture_name, const std::vector<Point>& points);
  Browser(const Browser&) = delete;
  Browser& operator=(const Browser&) = delete;
  ~Browser();

  [[nodiscard]] const char* name() const { return kind_ == Kind::kChromium ? "Chromium" : "Firefox"; }

  /// What the page has seen by now; nothing when it does not answer.
  [[nodiscard]] std::optional<Seen> look();
  /// The page is looked at twice a second. Waits for the first such look, after the last one returned here, that is
  /// so; nothing when that takes too long.
  [[nodiscard]] std::optional<Seen> wait_until(const std::function<bool(const Seen&)>& condition,
                                               std::chrono::seconds patience = std::chrono::seconds(60));
  /// Loads the page anew; what was seen before is forgotten.
  void reload();
  /// Takes the picture and ends. The exit status, 0 when all went well.
  int close();

  /// For people, when a test has failed.
  [[nodiscard]] std::string log() const;

 private:
  Kind kind_;
  Process process_;
};

}  // namespace viba::pipewire_test
