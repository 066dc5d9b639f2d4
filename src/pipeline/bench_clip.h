#pragma once

#include <cstdint>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include <viba/bench.h>

#include "base/fd.h"
#include "capture/camera_setup.h"

namespace viba {

/// A clip as the driver of a camera would give it: pictures of one size and format, packed beforehand. They lie in the
/// kernel's memory and come into this process one at a time, as into a driver's buffer.
/// Thread-safety: none.
class BenchClip {
 public:
  static constexpr int kMostPictures = 90;

  /// The file's first pictures: 90 of them, or as many as go into 256 MB but two at least, or all that there are.
  /// Takes of `settings`: size, format, frames_per_second. Errors: those of the file; kClosed (stopped); kIo (the
  /// kernel has no memory for them).
  [[nodiscard]] static Result<BenchClip> create(const std::string& file, const BenchSettings& settings,
                                                const std::stop_token& stop);

  [[nodiscard]] const CameraSetup& setup() const { return setup_; }
  [[nodiscard]] std::size_t pictures() const { return pictures_.size(); }

  /// Picture `n` of the clip played to and fro without end. Lent until the next call. Errors: kIo.
  [[nodiscard]] Result<std::span<const std::uint8_t>> load(std::uint64_t n);

 private:
  struct Picture {
    std::int64_t offset;
    std::size_t bytes;
  };

  BenchClip() = default;
  [[nodiscard]] Result<void> add(std::span<const std::uint8_t> picture);

  CameraSetup setup_;
  Fd memory_;
  std::vector<Picture> pictures_;
  std::vector<std::uint8_t> buffer_;
};

/// Which picture of `count` comes as number `n`, when they are played to and fro: 0 1 2 1 0 1 …
[[nodiscard]] std::size_t to_and_fro(std::uint64_t n, std::size_t count);

}  // namespace viba
