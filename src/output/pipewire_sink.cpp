#include "output/pipewire_sink.h"

#include "media/pipewire_node.h"

namespace viba {

Result<std::unique_ptr<Sink>> open_pipewire_sink(const std::string&, Size, double, const Log&) {
  return tl::unexpected(built_without_pipewire());
}

}  // namespace viba
