#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <spa/buffer/buffer.h>
#include <spa/param/video/raw.h>

#include <viba/frame.h>

#include "media/pipewire_connection.h"

struct pw_stream;
struct spa_source;

namespace viba::pipewire_test {

/// A camera in this process whose buffers a test fills as it likes, 50 a second.
/// Thread-safety: `fill` is called from a thread of the camera's own.
class MadeCamera {
 public:
  struct Offer {
    spa_video_format format = SPA_VIDEO_FORMAT_I420;  ///< SPA_VIDEO_FORMAT_ENCODED stands for MJPEG
    Size size{64, 48};
    spa_video_color_matrix matrix = SPA_VIDEO_COLOR_MATRIX_UNKNOWN;
    spa_video_color_range range = SPA_VIDEO_COLOR_RANGE_UNKNOWN;
    int buffer_size = 1 << 16;
  };
  using Fill = std::function<void(spa_buffer& buffer)>;

  /// Returns when it can be found.
  MadeCamera(const std::string& name, const Offer& offer, Fill fill);
  MadeCamera(const MadeCamera&) = delete;
  MadeCamera& operator=(const MadeCamera&) = delete;
  ~MadeCamera();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Puts these bytes at the beginning of a buffer, as one whole picture.
void put(spa_buffer& buffer, const std::vector<std::uint8_t>& bytes, std::int32_t stride);

}  // namespace viba::pipewire_test
