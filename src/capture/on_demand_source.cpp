#include "capture/on_demand_source.h"

#include <mutex>
#include <set>

#include <fmt/format.h>

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

class OnDemandSource final : public Source {
 public:
  OnDemandSource(SourceInfo info, OpenCamera open, const Log& log)
      : info_(std::move(info)), open_camera_(std::move(open)), log_(log), log_once_(saying_once(log)) {}

  [[nodiscard]] SourceInfo info() const override { return info_; }
  [[nodiscard]] Result<std::optional<Frame>> read(std::stop_token stop) override;
  [[nodiscard]] std::uint64_t skipped() const override { return skipped_before_ + (camera_ ? camera_->skipped() : 0); }
  void rest() override { close(); }

 private:
  [[nodiscard]] Result<void> open(const std::stop_token& stop);
  void close();
  [[nodiscard]] Frame in_our_time(const Frame& frame);

  SourceInfo info_;
  OpenCamera open_camera_;
  Log log_;
  Log log_once_;
  std::unique_ptr<Source> camera_;  ///< while it is open
  bool lost_ = false;
  std::uint64_t skipped_before_ = 0;  ///< by those that are closed
  std::uint64_t sequence_ = 0;
  Clock::time_point first_taken_{};
};

Result<void> OnDemandSource::open(const std::stop_token& stop) {
  auto camera = open_camera_(stop, log_once_);
  if (!camera) return tl::unexpected(camera.error());
  camera_ = std::move(*camera);
  if (camera_ && std::exchange(lost_, false)) log_.info(fmt::format("{} is back.", camera_->info().name));
  return {};
}

void OnDemandSource::close() {
  skipped_before_ = skipped();
  camera_.reset();
}

/// Counts on where the camera began anew.
Frame OnDemandSource::in_our_time(const Frame& frame) {
  FrameInfo info = frame.info();
  if (sequence_ == 0) first_taken_ = info.taken;
  info.sequence = sequence_++;
  info.position = info.taken - first_taken_;
  return frame.with_info(info);
}

Result<std::optional<Frame>> OnDemandSource::read(std::stop_token stop) {
  auto frame = (camera_ ? Result<void>{} : open(stop)).and_then([&] {
    return camera_ ? camera_->read(stop) : std::optional<Frame>{};
  });
  if (!frame) {
    close();  // or the device would be busy: with us
    lost_ = true;
    return frame;
  }
  if (*frame) *frame = in_our_time(**frame);
  return frame;
}

}  // namespace

std::unique_ptr<Source> make_on_demand_source(SourceInfo info, OpenCamera open, const Log& log) {
  info.live = true;
  info.recovers = true;
  return std::make_unique<OnDemandSource>(std::move(info), std::move(open), log);
}

}  // namespace viba
