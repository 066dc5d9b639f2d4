#include "capture/pipewire_source.h"

#include "media/pipewire_node.h"

#if VIBA_WITH_PIPEWIRE

#include <optional>
#include <utility>

#include <fmt/format.h>

#include "capture/on_demand_source.h"
#include "capture/pipewire_camera.h"

namespace viba {
namespace {

/// The camera as it is looked for each time.
class Search {
 public:
  Search(std::string which, CameraRequest request) : which_(std::move(which)), request_(request) {}

  /// What it would give, and as far as it is known which one it is.
  [[nodiscard]] Result<SourceInfo> begin();
  [[nodiscard]] Result<std::unique_ptr<Source>> open(const std::stop_token& stop, const Log& log);

 private:
  [[nodiscard]] Result<PipewireNode> choose(const PipewireNodes& nodes);
  [[nodiscard]] SourceInfo info_behind_portal() const;

  std::string which_;
  CameraRequest request_;
  PipewireAccess access_;
  std::optional<KnownPipewireCamera> known_;
};

/// A portal may ask the user, which has to wait until pictures are wanted.
SourceInfo Search::info_behind_portal() const {
  return {which_.empty() ? "the camera that the desktop allows" : fmt::format("{} (PipeWire)", which_),
          round_to_even(request_.size), request_.frames_per_second};
}

Result<SourceInfo> Search::begin() {
  if (needs_camera_portal()) return info_behind_portal();
  auto connection = PipewireConnection::open(nullptr);
  if (!connection && camera_portal_state().presence == CameraPortalState::Presence::kRunning)
    return info_behind_portal();
  if (!connection) return tl::unexpected(connection.error());
  access_.stay_direct();
  return ask_pipewire_camera(**connection, which_, request_).map([&](const FoundPipewireCamera& found) {
    known_.emplace(found.node, found.nodes);
    return found.info;
  });
}

Result<PipewireNode> Search::choose(const PipewireNodes& nodes) {
  if (!known_)
    return camera_called(which_, nodes).map([&](const PipewireNode& node) {
      known_.emplace(node, nodes);
      return node;
    });
  if (auto node = known_->find(nodes)) return *std::move(node);
  return fail(ErrorCode::kNotFound, fmt::format("{} is not there: plug it in again.", name_of(known_->node())));
}

Result<std::unique_ptr<Source>> Search::open(const std::stop_token& stop, const Log& log) {
  return open_pipewire_camera(
      access_, [this](const PipewireNodes& nodes) { return choose(nodes); }, request_, log, stop);
}

}  // namespace

Result<std::unique_ptr<Source>> open_pipewire_source(const std::string& which, CameraRequest request, const Log& log) {
  const auto search = std::make_shared<Search>(which, request);
  return search->begin().map([&](const SourceInfo& info) {
    return make_on_demand_source(
        info, [search](const std::stop_token& stop, const Log& log_once) { return search->open(stop, log_once); }, log);
  });
}

}  // namespace viba

#else

namespace viba {

Result<std::unique_ptr<Source>> open_pipewire_source(const std::string&, CameraRequest, const Log&) {
  return tl::unexpected(built_without_pipewire());
}

}  // namespace viba

#endif
