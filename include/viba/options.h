#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <viba/export.h>
#include <viba/frame.h>
#include <viba/result.h>

namespace viba {

/// How a picture of another shape fills the frame.
enum class Fit { kCover, kContain, kStretch };

/// Whether each frame waits for its own mask or takes the newest one there is.
enum class MaskMode { kAuto, kEveryFrame, kLatest };

/// Which GPU way the network may take. `kAny` and the named ones must work; `kAuto` falls back to the
/// CPU.
enum class Gpu { kOff, kAuto, kAny, kCuda, kWebGpu };

/// Who is shown, of several people.
enum class People { kAll, kMain };

/// Everything a user can ask for. The defaults are a working setting.
struct Options {
  std::string background;  ///< file, `blur[:STRENGTH]`, `color:#RRGGBB`; empty: the bundled picture
  Fit background_fit = Fit::kCover;
  std::optional<Size> real_cam_resolution;  ///< of cameras: 1280x720 when unset; files keep their own
  std::optional<Size> fake_cam_resolution;  ///< unset: as the source's
  double real_cam_fps = 30;
  std::string real_cam_device;                ///< device or file; empty: the first camera, else the sample
  std::vector<std::string> fake_cam_devices;  ///< devices or files or `null`; empty: see the README
  std::string model_name = "selfie";
  std::optional<double> segmentation_threshold;  ///< the confidence at which alpha is one half; unset: the model's own
  bool roi = true;                               ///< the network looks at the part of the picture where people are
  bool learn_room = true;                        ///< what is seen of the room makes the matte better
  bool learn_now = false;                        ///< first of all, from a picture without anybody
  std::string clean_plate;                       ///< a picture of the room without anybody; empty: there is none
  People people = People::kAll;
  double edge_softness = 0;  ///< pixels at a height of 720: how far the matte's edge is blurred, 0..20
  double edge_shift = 0;     ///< pixels at a height of 720: outwards, or inwards if negative, -20..20
  double light_wrap = 0;     ///< how much of the background's light falls on the person's edge, 0..100
  Gpu gpu = Gpu::kOff;
  int threads = 0;          ///< for the network; 0: as many as its size is worth
  std::string ort_library;  ///< the file of ONNX Runtime; empty: looked for
  MaskMode mask_mode = MaskMode::kAuto;
  std::chrono::milliseconds max_mask_age{500};
  std::chrono::milliseconds idle_timeout{5000};  ///< how long the camera stays open when nobody watches any more
  bool always_on = false;                        ///< the camera is open all the time
  double max_cpu = 0;                            ///< of one core, in percent, in live use, 5..10000; 0: no limit
  bool preview = false;
  bool debug = false;

  /// Where bundled pictures, models and the runtime are looked for first, before the places that
  /// belong to the library's own installation. Not on the command line.
  std::vector<std::string> data_dirs;

  /// Where models that are fetched go, and are looked for. Empty: none is fetched. Not on the command
  /// line.
  std::string model_dir;
};

/// One row of the table that the help text, the parser and the documents are made from.
struct OptionSpec {
  std::string_view name;      ///< without the dashes: "real-cam-fps"
  std::string_view group;     ///< heading in the help
  std::string_view value;     ///< what stands for the value in the help; empty for a switch
  std::string_view fallback;  ///< the default, in words
  std::string_view help;
  int most_values = 1;      ///< how many words one use may take (a resolution: 1 or 2)
  bool repeatable = false;  ///< each use adds to the last
  Result<void> (*set)(Options& options, std::span<const std::string> values) = nullptr;
};

/// All options, in the order of the help.
[[nodiscard]] VIBA_EXPORT std::span<const OptionSpec> option_table();

/// `blur` and `blur:STRENGTH`: nothing when `background` means something else.
/// Errors: kUsage when the strength is not 1..100.
[[nodiscard]] VIBA_EXPORT Result<std::optional<int>> parse_blur(std::string_view background);

/// `color:#RRGGBB` as 0xRRGGBB; nothing when `background` means something else. Errors: kUsage.
[[nodiscard]] VIBA_EXPORT Result<std::optional<int>> parse_color(std::string_view background);

}  // namespace viba
