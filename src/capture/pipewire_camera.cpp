#include "capture/pipewire_camera.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>
#include <pipewire/pipewire.h>

#include "capture/camera_pictures.h"
#include "capture/pipewire_camera_stream.h"

namespace viba {
namespace {

using Clock = std::chrono::steady_clock;

/// A portal's connection is allowed one camera after the other.
constexpr std::chrono::milliseconds kUntilAllowed{2000};

class PipewireCamera final : public Source {
 public:
  PipewireCamera(CameraRequest request, Log log) : request_(request), log_(std::move(log)) {}
  PipewireCamera(const PipewireCamera&) = delete;
  PipewireCamera& operator=(const PipewireCamera&) = delete;
  ~PipewireCamera() override;

  /// False when a stop was asked for.
  [[nodiscard]] Result<bool> connect(PipewireAccess& access, const std::stop_token& stop);
  [[nodiscard]] Result<PipewireNode> find(const ChoosePipewireCamera& choose, std::chrono::milliseconds patience) const;
  [[nodiscard]] Result<void> start(const PipewireNode& node);

  [[nodiscard]] SourceInfo info() const override { return info_; }
  [[nodiscard]] Result<std::optional<Frame>> read(std::stop_token stop) override;
  [[nodiscard]] std::uint64_t skipped() const override { return pictures_ ? pictures_->skipped() : 0; }

 private:
  void on_change();
  [[nodiscard]] Result<std::optional<Frame>> take_newest();
  [[nodiscard]] Result<std::optional<Frame>> to_frame(const PipewireCameraStream::Picture& picture);

  CameraRequest request_;
  Log log_;
  SourceInfo info_;
  std::optional<CameraPictures> pictures_;
  std::vector<std::uint8_t> copy_;
  bool described_ = false;
  bool links_shown_ = true;
  std::unique_ptr<PipewireConnection> connection_;
  std::unique_ptr<PipewireGraph> graph_;
  std::unique_ptr<PipewireCameraStream> stream_;
  PipewireCameraStream* watching_ = nullptr;  ///< the stream, while the connection's thread may tell it of changes
};

PipewireCamera::~PipewireCamera() {
  if (!connection_) return;
  const PipewireConnection::Lock lock(*connection_);
  watching_ = nullptr;
}

Result<bool> PipewireCamera::connect(PipewireAccess& access, const std::stop_token& stop) {
  const auto lost = [this] {
    if (watching_) watching_->lose();
  };
  auto connection = access.connect(lost, stop);
  if (!connection) return tl::unexpected(connection.error());
  if (!*connection) return false;
  links_shown_ = !access.through_portal();
  connection_ = std::move(*connection);
  graph_ = std::make_unique<PipewireGraph>(*connection_, [this] { on_change(); });
  return connection_->sync().map([] { return true; });
}

void PipewireCamera::on_change() {
  if (watching_) watching_->check();
  pw_thread_loop_signal(connection_->loop(), false);
}

Result<PipewireNode> PipewireCamera::find(const ChoosePipewireCamera& choose,
                                          std::chrono::milliseconds patience) const {
  const PipewireConnection::Lock lock(*connection_);
  timespec end{};
  pw_thread_loop_get_time(connection_->loop(), &end, std::chrono::nanoseconds(patience).count());
  for (;;) {
    auto node = choose(graph_->nodes());
    if (node || node.error().code != ErrorCode::kNotFound) return node;
    if (pw_thread_loop_timed_wait_full(connection_->loop(), &end) != 0) return node;
  }
}

Result<void> PipewireCamera::start(const PipewireNode& node) {
  const std::string name = name_of(node);
  if (is_fed_by_viba(node))
    return fail(ErrorCode::kUsage, fmt::format("{} shows what ViBa itself publishes: choose a real camera.", name));
  const auto mode = offer_of(*connection_, *graph_, node, request_).and_then([&](const PipewireOffer& offer) {
    return choose_mode(offer, request_, name);
  });
  if (!mode) return tl::unexpected(mode.error());
  info_ = info_of(name, setup_of(*mode));
  auto pictures = CameraPictures::create(name, log_);
  if (!pictures) return tl::unexpected(pictures.error());
  pictures_.emplace(std::move(*pictures));
  auto stream = PipewireCameraStream::open(*connection_, *graph_, {node, name, *mode, request_, links_shown_});
  if (!stream) return tl::unexpected(stream.error());
  stream_ = std::move(*stream);
  const PipewireConnection::Lock lock(*connection_);
  watching_ = stream_.get();
  watching_->check();  // for what went meanwhile
  return {};
}

Result<std::optional<Frame>> PipewireCamera::to_frame(const PipewireCameraStream::Picture& picture) {
  if (!std::exchange(described_, true)) log_setup(log_, info_.name, picture.setup, request_);
  if (picture.damage != nullptr) {
    pictures_->skip(picture.damage);
    return std::optional<Frame>{};
  }
  if (picture.setup.format->kind != PixelKind::kJpeg) return pictures_->to_frame(picture.bytes, picture.setup);
  // A decoder trusts that what it has read once stays so, and the other side may write on.
  copy_.assign(picture.bytes.begin(), picture.bytes.end());
  return pictures_->to_frame(copy_, picture.setup);
}

Result<std::optional<Frame>> PipewireCamera::take_newest() {
  Result<std::optional<Frame>> frame = std::optional<Frame>{};
  stream_->take([&](const PipewireCameraStream::Picture& picture) { frame = to_frame(picture); });
  return frame;
}

Result<std::optional<Frame>> PipewireCamera::read(std::stop_token stop) {
  using Event = PipewireCameraStream::Event;
  const auto until = pictures_->deadline(info_.frames_per_second);
  const auto skipped_before = skipped();
  for (;;) {
    const auto event = stream_->wait(stop, until);
    if (!event) return tl::unexpected(event.error());
    if (*event == Event::kStop) return std::optional<Frame>{};
    if (*event == Event::kSilence) return tl::unexpected(pictures_->silence(skipped() > skipped_before));
    auto frame = take_newest();
    if (!frame || *frame) return frame;
  }
}

bool shows_colors(const PipewireOffer& offer) {
  return std::ranges::any_of(offer.modes, [](const PipewireMode& mode) {
    return find_camera_format(mode.mode.fourcc)->kind != PixelKind::kGray;
  });
}

/// Infrared cameras for face recognition give gray pictures only.
PipewireNode most_colorful(const std::vector<PipewireNode>& cameras, PipewireConnection& connection,
                           const PipewireGraph& graph, const CameraRequest& request) {
  for (const auto& camera : cameras) {
    const auto offer = offer_of(connection, graph, camera, request);
    if (offer && shows_colors(*offer) && !is_fed_by_viba(camera)) return camera;
  }
  return cameras.front();
}

}  // namespace

Result<std::unique_ptr<Source>> open_pipewire_camera(PipewireAccess& access, const ChoosePipewireCamera& choose,
                                                     const CameraRequest& request, const Log& log,
                                                     const std::stop_token& stop) {
  auto camera = std::make_unique<PipewireCamera>(request, log);
  const auto connected = camera->connect(access, stop);
  if (!connected) return tl::unexpected(connected.error());
  if (!*connected) return nullptr;
  const auto patience = access.through_portal() ? kUntilAllowed : std::chrono::milliseconds{0};
  return camera->find(choose, patience)
      .and_then([&](const PipewireNode& node) { return camera->start(node); })
      .map([&]() -> std::unique_ptr<Source> { return std::move(camera); });
}

Result<FoundPipewireCamera> ask_pipewire_camera(PipewireConnection& connection, const std::string& which,
                                                const CameraRequest& request) {
  const PipewireGraph graph(connection);
  if (const auto synced = connection.sync(); !synced) return tl::unexpected(synced.error());
  FoundPipewireCamera found;
  {
    const PipewireConnection::Lock lock(connection);
    found.nodes = graph.nodes();
  }
  const auto cameras = cameras_called(which, found.nodes);
  if (!cameras) return tl::unexpected(cameras.error());
  const auto camera = camera_called(which, found.nodes);
  if (!camera) return tl::unexpected(camera.error());
  found.node = which.empty() ? most_colorful(*cameras, connection, graph, request) : *camera;
  return offer_of(connection, graph, found.node, request)
      .and_then([&](const PipewireOffer& offer) { return choose_mode(offer, request, name_of(found.node)); })
      .map([&](const PipewireMode& mode) {
        found.info = info_of(name_of(found.node), setup_of(mode));
        return std::move(found);
      });
}

}  // namespace viba
