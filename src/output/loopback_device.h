#pragma once

#include <memory>
#include <string>

#include <viba/log.h>

#include "media/v4l2_device.h"
#include "output/output_format.h"

namespace viba {

/// What to type for a fake camera, for the ends of sentences.
inline constexpr std::string_view kLoadLoopback =
    "sudo modprobe v4l2loopback exclusive_caps=1 video_nr=20 card_label=ViBa";

/// An open fake camera that has agreed on what it takes, and takes it with `write`.
struct LoopbackDevice {
  std::shared_ptr<const Fd> fd;
  std::string name;  ///< for people: "/dev/video20 (ViBa)"
  const OutputFormat* format = nullptr;
  Size size;
};

/// Asks for pictures of this size and takes what the device has when a reader or its control
/// keep_format holds it to something else; `log` hears so. Works alike on 0.12.7 to 0.15, with
/// exclusive_caps or without.
/// Errors: as `open_loopback_sink`.
[[nodiscard]] Result<LoopbackDevice> open_loopback_device(const std::string& path, Size size, double frames_per_second,
                                                          const Log& log);

}  // namespace viba
