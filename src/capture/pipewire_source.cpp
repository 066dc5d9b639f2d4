#include "capture/pipewire_source.h"

#include "media/pipewire_node.h"

namespace viba {

Result<std::unique_ptr<Source>> open_pipewire_source(const std::string&, CameraRequest, const Log&) {
  return tl::unexpected(built_without_pipewire());
}

}  // namespace viba
