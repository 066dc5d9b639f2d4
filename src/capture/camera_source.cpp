#include "capture/camera_source.h"

#include <mutex>
#include <set>

#include <fmt/format.h>

#include "capture/camera_finder.h"

namespace viba {
namespace {

using Clock = std::chrono::steady_clock;

/// Says each thing once, however often the camera is opened.
Log saying_once(const Log& log) {
  struct Said {
    std::mutex mutex;
    std::set<std::string, std::less<>> texts;
  };
  return Log(
      [log, said = std::make_shared<Said>()](LogLevel level, std::string_view text) {
        const std::scoped_lock lock(said->mutex);
        if (said->texts.emplace(text).second) log.write(level, text);
      },
      LogLevel::kDebug);
}

class CameraSource final : public Source {
 public:
  CameraSource(KnownCamera known, CameraRequest request, SourceInfo info, const Log& log)
      : known_(std::move(known)), request_(request), info_(std::move(info)), log_(log), log_once_(saying_once(log)) {}

  [[nodiscard]] SourceInfo info() const override { return info_; }
  [[nodiscard]] Result<std::optional<Frame>> read(std::stop_token stop) override;
  [[nodiscard]] std::uint64_t skipped() const override { return skipped_before_ + (camera_ ? camera_->skipped() : 0); }
  void rest() override { close(); }

 private:
  [[nodiscard]] Result<void> open();
  void close();
  [[nodiscard]] Frame in_our_time(const Frame& frame);

  KnownCamera known_;
  CameraRequest request_;
  SourceInfo info_;
  Log log_;
  Log log_once_;
  std::unique_ptr<Source> camera_;  ///< while it is open
  bool lost_ = false;
  std::uint64_t skipped_before_ = 0;  ///< by those that are closed
  std::uint64_t sequence_ = 0;
  Clock::time_point first_taken_{};
};

Result<void> CameraSource::open() {
  const auto path = known_.find();
  // Where it is not found, its old node is opened for the sentence that says why.
  auto camera = open_v4l2_source(path.value_or(known_.path()), request_, log_once_);
  if (!camera) return tl::unexpected(camera.error());
  camera_ = std::move(*camera);
  if (std::exchange(lost_, false)) log_.info(fmt::format("{} is back.", camera_->info().name));
  return {};
}

void CameraSource::close() {
  skipped_before_ = skipped();
  camera_.reset();
}

/// Counts on where the camera began anew.
Frame CameraSource::in_our_time(const Frame& frame) {
  FrameInfo info = frame.info();
  if (sequence_ == 0) first_taken_ = info.taken;
  info.sequence = sequence_++;
  info.position = info.taken - first_taken_;
  return frame.with_info(info);
}

Result<std::optional<Frame>> CameraSource::read(std::stop_token stop) {
  auto frame = (camera_ ? Result<void>{} : open()).and_then([&] { return camera_->read(stop); });
  if (!frame) {
    close();  // or the device would be busy: with us
    lost_ = true;
    return frame;
  }
  if (*frame) *frame = in_our_time(**frame);
  return frame;
}

}  // namespace

Result<std::unique_ptr<Source>> open_camera_source(const std::string& where, CameraRequest request, const Log& log) {
  auto known = KnownCamera::at(where);
  if (!known) return tl::unexpected(known.error());
  const std::string name = fmt::format("{} ({})", known->name(), where);
  SourceInfo info{name, round_to_even(request.size), request.frames_per_second, true, true};
  const auto offer = ask_v4l2_camera(where, request);
  if (!offer && offer.error().code != ErrorCode::kBusy) return tl::unexpected(offer.error());
  if (offer) info = {offer->name, offer->size, offer->frames_per_second, true, true};
  return std::make_unique<CameraSource>(std::move(*known), request, std::move(info), log);
}

}  // namespace viba
