#include "capture/camera_source.h"

#include <fmt/format.h>

#include "capture/camera_finder.h"
#include "capture/on_demand_source.h"

namespace viba {

Result<std::unique_ptr<Source>> open_camera_source(const std::string& where, CameraRequest request, const Log& log) {
  auto known = KnownCamera::at(where);
  if (!known) return tl::unexpected(known.error());
  const std::string name = fmt::format("{} ({})", known->name(), where);
  SourceInfo info{name, round_to_even(request.size), request.frames_per_second};
  const auto offer = ask_v4l2_camera(where, request);
  if (!offer && offer.error().code != ErrorCode::kBusy) return tl::unexpected(offer.error());
  if (offer) info = {offer->name, offer->size, offer->frames_per_second};
  return make_on_demand_source(
      std::move(info),
      [known = std::move(*known), request](const std::stop_token&, const Log& log_once) {
        // Where it is not found, its old node is opened for the sentence that says why.
        return open_v4l2_source(known.find().value_or(known.path()), request, log_once);
      },
      log);
}

}  // namespace viba
