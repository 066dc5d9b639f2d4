#include "capture/camera_pictures.h"

#include <algorithm>
#include <bit>
#include <utility>

#include <fmt/format.h>

namespace viba {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// A camera gives nothing for this long only when something is wrong with it.
constexpr milliseconds kLongestSilence{2000};
/// Many webcams take seconds to wake up and to find their exposure before their first picture.
constexpr milliseconds kLongestStart{5000};

}  // namespace

Result<CameraPictures> CameraPictures::create(std::string name, Log log) {
  auto jpeg = JpegDecoder::create();
  if (!jpeg) return tl::unexpected(jpeg.error());
  return CameraPictures(std::move(name), std::move(*jpeg), std::move(log));
}

Clock::time_point CameraPictures::deadline(double frames_per_second) const {
  // A very slow camera is not a dead one.
  const milliseconds slow{frames_per_second > 0 ? std::int64_t(3000 / frames_per_second) : 0};
  return Clock::now() + std::max(sequence_ == 0 ? kLongestStart : kLongestSilence, slow);
}

Error CameraPictures::silence(bool damaged) const {
  return {ErrorCode::kIo, damaged ? fmt::format("{} gives only damaged pictures: try another cable or socket.", name_)
                                  : fmt::format("{} gives no pictures: unplug it and plug it in again.", name_)};
}

Result<std::optional<Frame>> CameraPictures::to_frame(std::span<const std::uint8_t> bytes, const CameraSetup& setup) {
  const auto taken = Clock::now();
  auto frame = pool_.acquire(round_to_even(setup.size));
  if (!frame) return tl::unexpected(frame.error());
  const auto converted = convert_picture(*setup.format, {bytes, setup.size, setup.bytes_per_line}, jpeg_, *frame);
  if (!converted) {
    skip(converted.error().message);
    return std::optional<Frame>{};
  }
  to_bt601_limited(*frame, setup.color);
  if (sequence_ == 0) first_taken_ = taken;
  return std::move(*frame).freeze({sequence_++, taken - first_taken_, taken});
}

void CameraPictures::skip(std::string_view why) {
  // A camera with a bad cable may damage every frame: the log hears of 1, 2, 4, 8, … of them.
  if (!std::has_single_bit(++skipped_)) return;
  if (skipped_ == 1)
    log_.warning(fmt::format("{} gave a damaged picture, which is skipped, as all such will be. {}", name_, why));
  else
    log_.debug(fmt::format("{}: {} damaged pictures were skipped so far. {}", name_, skipped_, why));
}

}  // namespace viba
